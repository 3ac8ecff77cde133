import type { TextMap } from './text-map.ts'

/** A text in which everything that only psql understands is blank, and the places that hid statements. */
export interface WithoutPsql {
  /** As long as the original, line by line. */
  readonly text: string
  readonly hidden: readonly { readonly index: number; readonly command: string }[]
}

/** Commands by which psql runs SQL that is not in the text. */
const RUNS_SQL = /^\\(i|ir|include|include_relative|gexec|copy|!)(?=\s|$)/

/**
 * Takes the commands of psql and the rows behind `copy ... from stdin` out of a text. Offsets of what is left stay as they
 * were.
 */
export function withoutPsql(map: TextMap): WithoutPsql {
  const hidden: { index: number; command: string }[] = []
  let index = 0
  let inRows = false
  const lines = map.text.split('\n').map((line) => {
    const at = index
    index += line.length + 1
    if (inRows) {
      inRows = line.trimEnd() !== '\\.'
      return blank(line)
    }
    if (/^\\[a-z!?]/i.test(line)) {
      const command = RUNS_SQL.exec(line)?.[0]
      if (command !== undefined) hidden.push({ index: at, command })
      return blank(line)
    }
    inRows = /^\s*copy\s[^;]*\sfrom\s+stdin\b[^;]*;\s*$/i.test(line)
    return line
  })
  return { text: lines.join('\n'), hidden }
}

/** Spaces of the same number of bytes would move the text; of characters outside ASCII only the number of units is kept. */
function blank(line: string): string {
  return line.replaceAll(/[^\r]/g, ' ')
}
