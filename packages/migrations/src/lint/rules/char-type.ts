import { shownType } from '../column-type.ts'
import type { Rule } from '../rule.ts'
import { quoted } from '../table-name.ts'

/** Finds columns of type char(n). */
export const charType: Rule = {
  id: 'char-type',
  severity: 'warning',
  why: 'Every value is filled with spaces to the full length, which are stored, and sometimes compared and sometimes not; it is faster at nothing.',
  lock: null,
  rewrite: 'text, with a CHECK on its length if there is one',
  *check(statement) {
    for (const { column } of statement.declarations) {
      const { name, type, location } = column
      if (type?.name !== 'bpchar' || type.args.length === 0) continue
      yield { message: `${quoted(name)} is ${shownType(type)}, filled with spaces`, at: location }
    }
  },
}
