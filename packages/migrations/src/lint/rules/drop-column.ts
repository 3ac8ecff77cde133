import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds columns that are dropped while they may be in use. */
export const dropColumn: Rule = {
  id: 'drop-column',
  severity: 'error',
  upOnly: true,
  why: 'The running application still names the column, also in a SELECT of all columns that it has prepared, and fails. What is in it is gone.',
  lock: 'ACCESS EXCLUSIVE on the table, briefly',
  rewrite:
    "First a release that does not name the column; then drop it in a revision with `phase: 'contract'`, which waits until no older application is connected",
  *check(statement, context) {
    if (context.change.phase === 'contract') return
    for (const { table, kind, target } of alterationsOfOld(statement, context)) {
      if (kind !== 'AT_DropColumn') continue
      const column = context.known.table(table)?.columns.get(target)
      if (column?.isNew === true) continue
      yield { message: `${quoted(target)} of ${shown(table)} is lost, and may still be in use` }
    }
  },
}
