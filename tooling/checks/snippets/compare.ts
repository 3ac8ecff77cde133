/**
 * The first line of `expected` that `actual` does not have, or undefined if it has all of them, in
 * order. Lines between them are allowed, `...` stands for any text, spacing does not count, and
 * what differs from run to run (identifiers, times, durations) is equal to any other of its kind.
 */
export function firstMissingLine(expected: string, actual: string): string | undefined {
  const lines = comparable(actual)
  let from = 0
  for (const line of expected.split('\n')) {
    const [wanted] = comparable(line)
    if (wanted === undefined || wanted === '...') continue
    const pattern = new RegExp(`^${wanted.split('...').map(literally).join('.*')}$`)
    const at = lines.findIndex((candidate, index) => index >= from && pattern.test(candidate))
    if (at < 0) return line
    from = at + 1
  }
  return undefined
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

const ANY_OF_ITS_KIND: readonly (readonly [RegExp, string])[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal begin so
  [/\u001b\[[0-9;]*[A-Za-z]/g, ''],
  [/…/g, '...'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '<token>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?/g, '<time>'],
  [/\b\d+(\.\d+)? ?(ms|s)\b/g, '<duration>'],
]

function comparable(text: string): string[] {
  return ANY_OF_ITS_KIND.reduce((known, [kind, word]) => known.replace(kind, word), text)
    .split(/\r?\n|\r/)
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
}
