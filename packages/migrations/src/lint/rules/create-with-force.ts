import type { Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

/** Finds tables that are dropped in order to be created. */
export const createWithForce: Rule = {
  id: 'create-with-force',
  severity: 'error',
  why: 'A table that is dropped before it is created is emptied each time this runs, on whatever database it is.',
  lock: 'ACCESS EXCLUSIVE on the table that goes',
  rewrite: 'CREATE TABLE alone, which fails where there is one already; or ALTER TABLE',
  *check({ node }, { known }) {
    const table = tableOf(node.CreateStmt?.relation ?? node.CreateTableAsStmt?.into?.rel)
    if (table === undefined || !known.wasDropped(table)) return
    yield { message: `${shown(table)} was dropped just before: all its rows are lost` }
  },
}
