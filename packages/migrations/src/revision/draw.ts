/** A revision as the drawing needs it. */
export interface DrawnNode {
  readonly id: string
  readonly parents: readonly string[]
  /** What stands beside it. */
  readonly text: string
}

/**
 * The graph in lines of text, as `git log --graph` draws it: one line for each revision with its text, and lines between where branches part
 * and join.
 *
 * @param nodes children before parents
 */
export function drawGraph(nodes: readonly DrawnNode[]): string[] {
  const known = new Set(nodes.map(({ id }) => id))
  const rows: { readonly drawn: string; readonly text?: string }[] = []
  // Which revision each column leads down to; a free one is undefined.
  const columns: (string | undefined)[] = []
  for (const { id, parents, text } of nodes) {
    const awaiting = columns.flatMap((wanted, column) => (wanted === id ? column : []))
    const own = awaiting[0] ?? freeColumn(columns)
    const joining = awaiting.slice(1)
    if (joining.length > 0) rows.push({ drawn: bridge(columns, own, joining, '┴┘') })
    for (const column of joining) columns[column] = undefined
    columns[own] = id
    rows.push({
      drawn: columns.map((wanted, column) => mark(wanted, column === own)).join(' '),
      text,
    })

    const [first, ...others] = parents.filter((parent) => known.has(parent))
    columns[own] = first
    const opened = others.map((parent) => {
      const column = freeColumn(columns, own + 1)
      columns[column] = parent
      return column
    })
    if (opened.length > 0) rows.push({ drawn: bridge(columns, own, opened, '┬┐') })
    while (columns.length > 0 && columns.at(-1) === undefined) columns.pop()
  }
  const width = Math.max(0, ...rows.map(({ drawn }) => drawn.length))
  return rows.map(({ drawn, text }) =>
    (text === undefined ? drawn : `${drawn.padEnd(width)}  ${text}`).trimEnd(),
  )
}

function freeColumn(columns: (string | undefined)[], from = 0): number {
  const free = columns.findIndex((wanted, column) => wanted === undefined && column >= from)
  return free < 0 ? Math.max(columns.length, from) : free
}

function mark(wanted: string | undefined, isOwn: boolean): string {
  if (isOwn) return '●'
  return wanted === undefined ? ' ' : '│'
}

/** A line from one column to others on its right. */
function bridge(
  columns: readonly (string | undefined)[],
  own: number,
  ends: readonly number[],
  [between, last]: Iterable<string> & string,
): string {
  const furthest = Math.max(...ends)
  let line = ''
  for (let column = 0; column < columns.length; column += 1) {
    const wanted = columns[column]
    if (column === own) line += '├'
    else if (column === furthest) line += last
    else if (ends.includes(column)) line += between
    else if (column > own && column < furthest) line += wanted === undefined ? '─' : '┼'
    else line += wanted === undefined ? ' ' : '│'
    line += column >= own && column < furthest ? '─' : ' '
  }
  return line.trimEnd()
}
