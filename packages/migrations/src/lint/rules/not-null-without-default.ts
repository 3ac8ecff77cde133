import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds new columns that no row has a value for. */
export const notNullWithoutDefault: Rule = {
  id: 'not-null-without-default',
  severity: 'error',
  why: 'It fails if the table has a row, and where it does not, the running application fails: it inserts without this column.',
  lock: 'ACCESS EXCLUSIVE on the table, briefly',
  rewrite:
    'Add it with a constant DEFAULT, which costs nothing; or add it nullable, fill it in batches and make it NOT NULL by a validated CHECK',
  *check(statement, context) {
    for (const { table, added } of alterationsOfOld(statement, context)) {
      if (added === undefined || !(added.notNull || added.primary)) continue
      const { identity, serial, generated } = added
      if (added.default !== undefined || identity || serial || generated !== undefined) continue
      yield {
        message: `${quoted(added.name)} is NOT NULL and has no default, but ${shown(table)} may have rows`,
        at: added.location,
      }
    }
  },
}
