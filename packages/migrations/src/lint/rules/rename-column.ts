import { type Rule, renamed } from '../rule.ts'
import { quoted, shown } from '../table-name.ts'

/** Finds columns that are renamed under their readers. */
export const renameColumn: Rule = {
  id: 'rename-column',
  severity: 'error',
  upOnly: true,
  why: 'The running application asks for the old name, and the new one for the new name: at any moment one of them fails.',
  lock: 'ACCESS EXCLUSIVE on the table, briefly',
  rewrite:
    'Add a column of the new name, keep both equal by a trigger, fill it in batches, move the application over, and drop the old one in a contract revision',
  *check({ node }, { known }) {
    const { kind, table, from, to } = renamed(node)
    if (kind !== 'OBJECT_COLUMN' && kind !== 'OBJECT_ATTRIBUTE') return
    if (known.isNew(table)) return
    const owner = table === undefined ? '' : ` of ${shown(table)}`
    yield { message: `who asks for ${quoted(from)}${owner} does not know it as ${quoted(to)}` }
  },
}
