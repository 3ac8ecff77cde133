import type { Rule } from '../rule.ts'

/** Found where a change is read, before any statement is judged. */
export const syntaxError: Rule = {
  id: 'syntax-error',
  severity: 'error',
  why: 'PostgreSQL refuses it, and the revision with it.',
  lock: null,
  rewrite: 'What PostgreSQL understands; the position tells where it stopped reading',
  check: () => [],
}
