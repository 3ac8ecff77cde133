import type { Rule } from '../rule.ts'

/** Found when everything else has been judged. */
export const ignoreInvalid: Rule = {
  id: 'ignore-invalid',
  severity: 'warning',
  why: 'A comment that ignores a finding without a reason, or ignores nothing, hides from the next reader what was thought.',
  lock: null,
  rewrite: '-- aquifer-lint-ignore <rule>: <reason>, before the statement that it is about',
  check: () => [],
}
