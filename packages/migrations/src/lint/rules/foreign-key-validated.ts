import { namesIn } from '../parse-node.ts'
import { alterationsOfOld, type Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

/** Finds foreign keys that are checked against every row as they are added. */
export const foreignKeyValidated: Rule = {
  id: 'foreign-key-validated',
  severity: 'error',
  growsWithRows: true,
  why: 'Every row is looked up in the other table while neither takes writes.',
  lock: 'SHARE ROW EXCLUSIVE on both tables for the whole check: writes to both wait',
  rewrite:
    'ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID, and in a later transaction VALIDATE CONSTRAINT, which lets writes through',
  *check(statement, context) {
    for (const { table, kind, constraint, added } of alterationsOfOld(statement, context)) {
      // Without a default every row holds NULL, which PostgreSQL does not look up.
      if (added?.references !== undefined && added.default !== undefined) {
        const { location, pktable } = added.references
        yield { message: sentence(shown(table), tableOf(pktable)), at: location, table }
      }
      if (kind !== 'AT_AddConstraint' || constraint?.contype !== 'CONSTR_FOREIGN') continue
      if (constraint.skip_validation === true || constraint.is_enforced !== true) continue
      const columns = context.known.table(table)?.columns
      const keys = namesIn(constraint.fk_attrs)
      const empty = keys.length > 0 && keys.every((key) => columns?.get(key)?.filled === 'null')
      yield {
        message: sentence(shown(table), tableOf(constraint.pktable)),
        at: constraint.location,
        table,
        // The rows are read, but a NULL is looked up nowhere.
        ...(empty && { severity: 'warning' as const }),
      }
    }
  },
}

function sentence(table: string, target: Parameters<typeof shown>[0] | undefined): string {
  const both = target === undefined ? table : `${table} and ${shown(target)}`
  return `checking this foreign key against every row stops writes to ${both}`
}
