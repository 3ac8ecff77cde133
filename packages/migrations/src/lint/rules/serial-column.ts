import type { Rule } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds serial columns. */
export const serialColumn: Rule = {
  id: 'serial-column',
  severity: 'warning',
  why: 'Its sequence has rights and a life of its own: it has to be granted apart, is lost by a copy of the table, and anybody may write a number that it gives again.',
  lock: null,
  rewrite: 'bigint GENERATED ALWAYS AS IDENTITY',
  *check(statement) {
    for (const { column } of statement.declarations) {
      if (!column.serial) continue
      const type = column.type?.name ?? 'serial'
      yield { message: `${quoted(column.name)} is ${type}, not an identity`, at: column.location }
    }
  },
}
