import { type Rule, renamed } from '../rule.ts'
import { quoted, shown, tableOf } from '../table-name.ts'

const TABLES: ReadonlySet<string> = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
])

/** Finds tables and views that are renamed, or moved, under their readers. */
export const renameTable: Rule = {
  id: 'rename-table',
  severity: 'error',
  upOnly: true,
  why: 'The running application asks for the old name, and the new one for the new name: at any moment one of them fails.',
  lock: 'ACCESS EXCLUSIVE on the table, briefly',
  rewrite:
    'Rename it and, in the same transaction, CREATE VIEW of the old name over it, which can also be written to; drop the view in a contract revision',
  *check({ node }, { known, change, position }) {
    const { kind, table, to } = renamed(node)
    const move = node.AlterObjectSchemaStmt
    const moved = TABLES.has(move?.objectType ?? '') ? tableOf(move?.relation) : undefined
    const name = TABLES.has(kind ?? '') ? table : moved
    if (name === undefined || known.isNew(name)) return
    const stands = change.statements.slice(position + 1).some(({ node: later }) => {
      const view = tableOf(later.ViewStmt?.view)
      return view !== undefined && known.key(view) === known.key(name)
    })
    if (stands) return
    const target =
      moved === undefined ? quoted(to) : `${quoted(move?.newschema ?? '')}.${quoted(name.name)}`
    yield { message: `who asks for ${shown(name)} does not know it as ${target}` }
  },
}
