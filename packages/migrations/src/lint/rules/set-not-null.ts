import type { KnownTable } from '../known.ts'
import { namesIn } from '../parse-node.ts'
import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

const BY_CHECK =
  'ADD CONSTRAINT c CHECK (column IS NOT NULL) NOT VALID; in a later transaction VALIDATE CONSTRAINT c; then SET NOT NULL, which trusts it, and DROP CONSTRAINT c'

/** Finds columns that are made NOT NULL without a proof that PostgreSQL trusts. */
export const setNotNull: Rule = {
  id: 'set-not-null',
  severity: 'error',
  growsWithRows: true,
  why: 'Every row is read to see that none is null, while nobody else can use the table.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole check: reads and writes wait',
  rewrite: BY_CHECK,
  *check(statement, context) {
    const { known, serverVersion } = context
    for (const { table, kind, target, constraint } of alterationsOfOld(statement, context)) {
      const added =
        kind === 'AT_AddConstraint' &&
        constraint?.contype === 'CONSTR_NOTNULL' &&
        constraint.skip_validation !== true
          ? namesIn(constraint.keys)
          : []
      const columns = kind === 'AT_SetNotNull' ? [target] : added
      for (const column of columns) {
        if (isProven(known.table(table), column)) continue
        yield {
          message: `making ${quoted(column)} NOT NULL reads all of ${shown(table)} under a lock against everybody`,
          at: constraint?.location,
          table,
          ...(serverVersion >= 18 && {
            rewrite:
              'ADD CONSTRAINT c NOT NULL column NOT VALID, and in a later transaction VALIDATE CONSTRAINT c',
          }),
        }
      }
    }
  },
}

/** PostgreSQL 12 and later trust a valid CHECK. */
function isProven(table: KnownTable | undefined, column: string): boolean {
  return [...(table?.constraints.values() ?? [])].some(
    ({ validated, notNull }) => validated && notNull.includes(column),
  )
}
