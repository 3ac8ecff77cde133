import { asAny } from '../parse-node.ts'
import type { Rule } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds schemas that are dropped while they may be in use, or with all that is in them. */
export const dropSchema: Rule = {
  id: 'drop-schema',
  severity: 'error',
  upOnly: true,
  why: 'With CASCADE everything in it is gone, in whatever number; what the running application asks for is not there any more.',
  lock: 'ACCESS EXCLUSIVE on every table in it',
  rewrite:
    "Drop what is in it piece by piece; then DROP SCHEMA without CASCADE, in a revision with `phase: 'contract'`",
  *check({ node }, { change }) {
    const drop = node.DropStmt
    if (drop?.removeType !== 'OBJECT_SCHEMA') return
    const cascade = drop.behavior === 'DROP_CASCADE'
    if (change.phase === 'contract' && !cascade) return
    for (const object of drop.objects ?? []) {
      const name = quoted(asAny(object).String?.sval ?? '')
      yield {
        message: cascade
          ? `everything in schema ${name} is lost`
          : `schema ${name} may still be in use`,
      }
    }
  },
}
