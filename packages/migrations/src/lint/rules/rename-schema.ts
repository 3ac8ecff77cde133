import { type Rule, renamed } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds schemas that are renamed. */
export const renameSchema: Rule = {
  id: 'rename-schema',
  severity: 'error',
  upOnly: true,
  why: 'The running application asks for everything in it by the old name, and fails.',
  lock: null,
  rewrite:
    'A new schema with views over the old tables; move the application over; then move the tables and drop the views',
  *check({ node }) {
    const { kind, from, to } = renamed(node)
    if (kind !== 'OBJECT_SCHEMA') return
    yield { message: `who asks for schema ${quoted(from)} does not know it as ${quoted(to)}` }
  },
}
