import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds changes of a type that try CHECK constraints again. */
export const typeChangeUnderCheck: Rule = {
  id: 'type-change-under-check',
  severity: 'error',
  growsWithRows: true,
  why: 'PostgreSQL builds the CHECKs of the column again and tries every row against them, even where the new type alone would cost nothing.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole check: reads and writes wait',
  rewrite:
    'DROP CONSTRAINT first, change the type, then ADD CONSTRAINT ... NOT VALID and, in a later transaction, VALIDATE CONSTRAINT',
  *check(statement, context) {
    for (const { table, kind, target, column } of alterationsOfOld(statement, context)) {
      if (kind !== 'AT_AlterColumnType') continue
      const constraints = context.known.table(table)?.constraints.values() ?? []
      const check = [...constraints].find(
        (each) => each.kind === 'check' && each.columns.includes(target),
      )
      if (check === undefined) continue
      yield {
        message: `${quoted(target)} of ${shown(table)} is under the CHECK ${quoted(check.name)}, which is tried on every row again`,
        at: column?.location,
        table,
      }
    }
  },
}
