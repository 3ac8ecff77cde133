import { alterationsOfOld, type Rule } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds columns that may become null under their readers. */
export const dropNotNull: Rule = {
  id: 'drop-not-null',
  severity: 'warning',
  upOnly: true,
  why: 'The running application takes it that the column is never null, and fails at the first row where it is.',
  lock: 'ACCESS EXCLUSIVE on the table, briefly',
  rewrite:
    "First a release that can read NULL there; then DROP NOT NULL, in a revision with `phase: 'contract'`",
  *check(statement, context) {
    if (context.change.phase === 'contract') return
    for (const { table, kind, target } of alterationsOfOld(statement, context)) {
      if (kind !== 'AT_DropNotNull') continue
      if (context.known.table(table)?.columns.get(target)?.isNew === true) continue
      yield { message: `${quoted(target)} of ${shown(table)} may be null from now on` }
    }
  },
}
