const LONGEST_SHOWN = 80

/** The first words of a statement, without the values in its strings. */
export function headOf(statement: string): string {
  const line = statement
    .replaceAll(/'(?:[^']|'')*'/g, `'...'`)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.length <= LONGEST_SHOWN ? line : `${line.slice(0, LONGEST_SHOWN)}...`
}
