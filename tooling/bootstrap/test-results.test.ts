import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clearResults, readResults, summaryLine } from './test-results.mjs'

async function openResults(results?: object): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'aquifer-results-'))
  if (results) await writeResults(path, results)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

async function writeResults(path: string, results: object): Promise<void> {
  const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  const file = { ...none, testResults: [], ...results }
  await writeFile(join(path, 'test-results.json'), JSON.stringify(file))
}

test('tests are counted by outcome', async () => {
  await using folder = await openResults({ numPassedTests: 5, numFailedTests: 2, numTodoTests: 1 })

  expect(readResults(folder.path, 1)).toMatchObject({ passed: 5, failed: 2, skipped: 1 })
})

test('a test file that could not be loaded is a failure', async () => {
  const testResults = [
    { name: 'x.test.ts', status: 'failed', assertionResults: [], message: 'SyntaxError' },
  ]
  await using folder = await openResults({ numPassedTests: 5, testResults })

  expect(readResults(folder.path, 1)).toMatchObject({ passed: 5, failed: 1 })
})

test('a failure is named by its file, its test and the first line of its reason', async () => {
  await using folder = await openResults()
  const assertionResults = [
    { status: 'passed', fullName: 'pool lends', failureMessages: [] },
    { status: 'failed', fullName: 'pool waits', failureMessages: ['Error: late\n    at x.ts:1'] },
  ]
  await writeResults(folder.path, {
    testResults: [
      { name: join(folder.path, 'test/pool.test.ts'), status: 'failed', assertionResults },
      {
        name: join(folder.path, 'b.test.ts'),
        status: 'failed',
        assertionResults: [],
        message: 'no',
      },
    ],
  })

  expect(readResults(folder.path, 1).failures).toEqual([
    'test/pool.test.ts > pool waits: Error: late',
    'b.test.ts: no',
  ])
})

test('a package that ended without results is a failure', async () => {
  await using folder = await openResults()

  expect(readResults(folder.path, 1)).toMatchObject({ failed: 1, problem: 'ended without results' })
})

test('an error outside of every test is a failure', async () => {
  await using folder = await openResults({ numPassedTests: 5 })

  expect(readResults(folder.path, 1)).toMatchObject({ passed: 5, failed: 1 })
})

test('results of an earlier run do not count', async () => {
  await using folder = await openResults({ numPassedTests: 5 })

  clearResults([folder.path])

  expect(readResults(folder.path, 0)).toMatchObject({ passed: 0, failed: 1 })
})

test('the closing line names skipped tests only if there are any', () => {
  const clean = { passed: 2, failed: 0, skipped: 0 }

  expect(summaryLine([clean, clean])).toBe('4 passed, 0 failed')
  expect(summaryLine([clean, { passed: 0, failed: 1, skipped: 3 }])).toBe(
    '2 passed, 1 failed, 3 skipped',
  )
})
