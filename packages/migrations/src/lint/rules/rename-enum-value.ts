import type { Rule } from '../rule.ts'
import { nameOfList, shown } from '../table-name.ts'

/** Finds values of an enum that are renamed under their writers. */
export const renameEnumValue: Rule = {
  id: 'rename-enum-value',
  severity: 'error',
  upOnly: true,
  why: 'The running application writes and compares the old value, which PostgreSQL then refuses as no value of the type.',
  lock: null,
  rewrite:
    'ADD VALUE for the new one, write it from now on, update the old rows in batches. The old value stays behind, unused',
  *check({ node }, { known }) {
    const alter = node.AlterEnumStmt
    if (alter?.oldVal === undefined || alter.newVal === undefined) return
    const type = nameOfList(alter.typeName)
    if (type === undefined || known.isNewEnum(type)) return
    yield { message: `'${alter.oldVal}' of ${shown(type)} is no value any more` }
  },
}
