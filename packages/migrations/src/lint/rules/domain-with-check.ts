import { asAny } from '../parse-node.ts'
import type { Rule } from '../rule.ts'

/** Finds domains whose rule will be hard to change. */
export const domainWithCheck: Rule = {
  id: 'domain-with-check',
  severity: 'warning',
  why: 'To change the rule of a domain PostgreSQL reads every table that uses it, with no way to do it beside the traffic; and a column of such a type cannot be added without a rewrite.',
  lock: 'SHARE on every table that uses the domain: writes wait',
  rewrite:
    'A plain type with a CHECK on the table. For a domain in use: ADD CONSTRAINT ... NOT VALID, and in a later transaction VALIDATE CONSTRAINT',
  *check({ node }) {
    for (const each of node.CreateDomainStmt?.constraints ?? []) {
      const constraint = asAny(each).Constraint
      if (constraint?.contype === 'CONSTR_CHECK' || constraint?.contype === 'CONSTR_NOTNULL') {
        yield { message: 'the rule of a domain is hard to change', at: constraint.location }
        return
      }
    }
    const alter = node.AlterDomainStmt
    const added = alter?.subtype === 'C' && asAny(alter.def).Constraint?.skip_validation !== true
    if (added || alter?.subtype === 'O') {
      yield { message: 'every row of this type is checked while writes wait', severity: 'error' }
    }
  },
}
