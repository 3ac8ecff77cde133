import { alterationsOfOld, type Context, type Rule } from '../rule.ts'
import { quoted, shown, type TableName } from '../table-name.ts'

/** Finds constraints that are dropped without a successor. */
export const dropConstraint: Rule = {
  id: 'drop-constraint',
  severity: 'warning',
  upOnly: true,
  why: 'Rows that break the rule can come in from now on, and it may be impossible to add it again; a unique one takes its index, and the speed of queries, with it.',
  lock: 'ACCESS EXCLUSIVE on the table and, for a foreign key, on the table that it leads to, briefly',
  rewrite:
    "Drop it in a revision with `phase: 'contract'`, or replace it: ADD the new one NOT VALID and VALIDATE it before the old one goes",
  *check(statement, context) {
    if (context.change.phase === 'contract') return
    for (const { table, kind, target } of alterationsOfOld(statement, context)) {
      if (kind !== 'AT_DropConstraint') continue
      const constraints = context.known.table(table)?.constraints
      const dropped = constraints?.get(target)
      // The helper of a SET NOT NULL has done its work.
      const notNull = dropped?.kind === 'check' && dropped.notNull.length === dropped.columns.length
      if (dropped?.isNew === true || (notNull && dropped.notNull.length > 0)) continue
      if (isReplaced(statement, table, context)) continue
      yield { message: `${shown(table)} is no longer held to ${quoted(target)}` }
    }
  },
}

/** Whether this change has added another constraint to the table. */
function isReplaced(
  statement: Parameters<Rule['check']>[0],
  table: TableName,
  { known }: Context,
): boolean {
  const added = statement.alterations.some(
    (each) => each.kind === 'AT_AddConstraint' && known.key(each.table) === known.key(table),
  )
  return added || [...(known.table(table)?.constraints.values() ?? [])].some(({ isNew }) => isNew)
}
