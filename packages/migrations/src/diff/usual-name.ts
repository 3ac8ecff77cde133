const LONGEST_NAME_BYTES = 63

/**
 * The name that PostgreSQL makes up for a sequence, an index or a constraint: `users_email_key`. If it is too long, the longer one of
 * table and column is cut.
 *
 * @see makeObjectName in src/backend/commands/indexcmds.c
 */
export function usualName(table: string, column: string, label: string): string {
  const room = LONGEST_NAME_BYTES - label.length - 1 - (column === '' ? 0 : 1)
  let [first, second] = [bytes(table), bytes(column)]
  while (first + second > room) {
    if (first > second) first -= 1
    else second -= 1
  }
  const parts = [cut(table, first), ...(column === '' ? [] : [cut(column, second)]), label]
  return parts.join('_')
}

/** A name as the server keeps it: its first 63 bytes. */
export function truncatedName(name: string): string {
  return cut(name, LONGEST_NAME_BYTES)
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}

function cut(text: string, length: number): string {
  if (bytes(text) <= length) return text
  let short = ''
  let used = 0
  for (const letter of text) {
    used += bytes(letter)
    if (used > length) break
    short += letter
  }
  return short
}
