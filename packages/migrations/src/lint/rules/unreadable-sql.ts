import type { Rule } from '../rule.ts'

/** Found where a change is read, before any statement is judged. */
export const unreadableSql: Rule = {
  id: 'unreadable-sql',
  severity: 'warning',
  why: 'Statements that are put together when they run, or lie in another file, cannot be judged: what they do is not known here.',
  lock: null,
  rewrite:
    'The statement itself, in place of EXECUTE or a command of psql; or a comment that says why it is safe',
  check: () => [],
}
