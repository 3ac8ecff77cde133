import { namesIn } from '../parse-node.ts'
import type { Rule } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds values that are added to the end of an enum by default. */
export const enumValueWithoutPlace: Rule = {
  id: 'enum-value-without-place',
  severity: 'warning',
  why: 'The value goes to the end, and its place decides comparisons and ORDER BY: databases that got their values in another order then sort differently, and it cannot be moved.',
  lock: null,
  rewrite: "ALTER TYPE ... ADD VALUE 'new' AFTER 'old', or BEFORE",
  *check({ node }) {
    const alter = node.AlterEnumStmt
    if (alter?.newVal === undefined || alter.oldVal !== undefined) return
    if (alter.newValNeighbor !== undefined) return
    const name = quoted(namesIn(alter.typeName).at(-1) ?? '')
    yield { message: `'${alter.newVal}' gets its place in ${name} by chance` }
  },
}
