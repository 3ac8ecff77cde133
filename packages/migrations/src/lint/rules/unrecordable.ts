import type { Rule } from '../rule.ts'

/** Found where a change is read, before any statement is judged. */
export const unrecordable: Rule = {
  id: 'unrecordable',
  severity: 'warning',
  why: 'A revision whose statements depend on what the database answers can do anything, and was not seen to the end.',
  lock: null,
  rewrite:
    'Say in SQL what is to be done, as INSERT ... SELECT or a DO block; leave backfills to a revision of their own',
  check: () => [],
}
