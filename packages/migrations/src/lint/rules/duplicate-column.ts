import type { Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds columns that a table has already. */
export const duplicateColumn: Rule = {
  id: 'duplicate-column',
  severity: 'error',
  why: 'PostgreSQL refuses it: a table has one column of a name.',
  lock: null,
  rewrite: 'Take one of the two away, or give it another name',
  *check(statement, context) {
    const tolerant = statement.alterations.some(({ command }) => command.missing_ok === true)
    const changed = statement.alterations.filter(({ kind }) => kind === 'AT_AlterColumnType')
    const retyped = new Set(changed.map(({ target }) => target))
    const seen = new Set<string>()
    for (const { table, column } of statement.declarations) {
      if (tolerant || retyped.has(column.name)) continue
      const isCreated = statement.node.CreateStmt !== undefined
      const before = isCreated ? undefined : context.known.table(table)?.columns.get(column.name)
      if (seen.has(column.name) || before?.isNew === true) {
        yield {
          message: `${shown(table)} has a ${quoted(column.name)} already`,
          at: column.location,
        }
      }
      seen.add(column.name)
    }
  },
}
