import type { Rule } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds columns of type json. */
export const jsonType: Rule = {
  id: 'json-type',
  severity: 'warning',
  why: 'It has no equality, so SELECT DISTINCT, GROUP BY and UNION over it fail; it is parsed again at each access and cannot be indexed.',
  lock: null,
  rewrite: 'jsonb, which can be compared and indexed',
  *check(statement) {
    for (const { column } of statement.declarations) {
      if (column.type?.name !== 'json') continue
      yield {
        message: `${quoted(column.name)} is json, which cannot be compared`,
        at: column.location,
      }
    }
  },
}
