import type { Rule } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds columns of type timestamp. */
export const timestampWithoutZone: Rule = {
  id: 'timestamp-without-zone',
  severity: 'warning',
  why: 'It is no point in time: what it means depends on the time zone of whoever wrote it, which nothing records.',
  lock: null,
  rewrite: 'timestamptz',
  *check(statement) {
    for (const { column } of statement.declarations) {
      if (column.type?.name !== 'timestamp') continue
      yield { message: `${quoted(column.name)} does not know its time zone`, at: column.location }
    }
  },
}
