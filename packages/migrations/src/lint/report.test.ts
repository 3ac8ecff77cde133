import { expect, test } from 'vitest'
import type { LintFinding } from './lint.ts'
import { reportLines } from './report.ts'

const finding: LintFinding = {
  rule: 'index-not-concurrent',
  severity: 'error',
  file: 'a,b.sql',
  line: 3,
  column: 5,
  direction: 'up',
  statement: `create index\n  on t (${'a'.repeat(100)})`,
  message: '100% of writes wait',
  why: 'Because.',
  lock: 'SHARE on t: writes wait',
  rewrite: 'Concurrently',
}
const result = {
  findings: [finding, { ...finding, line: 4, severity: 'notice' as const }],
  ignored: [{}],
  statements: 7,
  files: 1,
}

test('for people: place, message, statement, lock, and the why once', () => {
  expect(reportLines(result, 'text')).toEqual([
    'a,b.sql:3:5  error  index-not-concurrent',
    '  100% of writes wait',
    `  > create index on t (${'a'.repeat(78)}...`,
    '  lock: SHARE on t: writes wait',
    '  why: Because.',
    '  instead: Concurrently',
    '',
    'a,b.sql:4:5  notice  index-not-concurrent',
    '  100% of writes wait',
    `  > create index on t (${'a'.repeat(78)}...`,
    '  lock: SHARE on t: writes wait',
    '',
    '1 error, 1 notice, 1 ignored in 7 statements of 1 file',
  ])
  const none = { findings: [], ignored: [], statements: 1, files: 2 }
  expect(reportLines(none, 'text')).toEqual(['nothing found in 1 statement of 2 files'])
})

test('for programs: one line of JSON', () => {
  const [line, ...more] = reportLines(result, 'json')
  expect(more).toEqual([])
  expect(JSON.parse(line ?? '')).toEqual(result)
})

test('for GitHub: annotations, with what it would misread written otherwise', () => {
  expect(reportLines(result, 'github')).toEqual([
    '::error file=a%2Cb.sql,line=3,col=5,title=index-not-concurrent::100%25 of writes wait%0ALock: SHARE on t: writes wait%0AInstead: Concurrently',
    '::notice file=a%2Cb.sql,line=4,col=5,title=index-not-concurrent::100%25 of writes wait%0ALock: SHARE on t: writes wait%0AInstead: Concurrently',
    '1 error, 1 notice, 1 ignored in 7 statements of 1 file',
  ])
})
