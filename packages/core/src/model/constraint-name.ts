import { createHash } from 'node:crypto'

/** How long a name in PostgreSQL may be; the server cuts longer ones without a word. */
export const MOST_BYTES = 63

const HASH_DIGITS = 8

/** What the name of a constraint or an index ends in. */
export type NameEnding = 'pkey' | 'key' | 'idx' | 'fkey' | 'check' | 'excl'

/**
 * The name of a constraint or an index that was given none: `<table>_<columns>_<ending>`, as PostgreSQL itself makes it. What would be longer
 * than 63 bytes is cut and gets a hash of the whole, so that two long names stay apart.
 */
export function conventionalName(
  table: string,
  columns: readonly string[],
  ending: NameEnding,
): string {
  const stem = [table, ...columns].join('_')
  const whole = `${stem}_${ending}`
  if (bytesIn(whole) <= MOST_BYTES) return whole
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_DIGITS)
  const rest = `_${hash}_${ending}`
  return `${cut(stem, MOST_BYTES - bytesIn(rest))}${rest}`
}

/** The length of a name, as PostgreSQL counts it. */
export function bytesIn(name: string): number {
  return Buffer.byteLength(name, 'utf8')
}

/** As many whole characters as there is room for. */
function cut(name: string, bytes: number): string {
  let kept = ''
  let used = 0
  for (const character of name) {
    used += bytesIn(character)
    if (used > bytes) break
    kept += character
  }
  return kept
}
