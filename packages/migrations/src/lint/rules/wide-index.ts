import type { Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

const WIDEST = 3

/** Finds indexes of more columns than queries gain from. */
export const wideIndex: Rule = {
  id: 'wide-index',
  severity: 'warning',
  why: 'Every write of a row pays for each column of an index, while queries rarely gain from more than the first three.',
  lock: null,
  rewrite:
    'The columns that queries compare, the most telling first; what they only read into INCLUDE, if at all',
  *check({ node }) {
    const index = node.IndexStmt
    const columns = index?.indexParams?.length ?? 0
    if (index === undefined || index.unique === true || columns <= WIDEST) return
    if ((index.accessMethod ?? 'btree') !== 'btree') return
    const table = tableOf(index.relation)
    if (table !== undefined) yield { message: `an index of ${columns} columns on ${shown(table)}` }
  },
}
