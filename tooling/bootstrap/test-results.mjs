import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

const fileName = 'test-results.json'

/** Removes what earlier runs have left, so that only this run's results are counted. */
export function clearResults(folders) {
  for (const folder of folders) rmSync(join(folder, fileName), { force: true })
}

/**
 * What the tests of one package came to: `{ passed, failed, skipped, failures, problem }`. Each of
 * `failures` is a line of file, test and reason. Whatever went wrong counts as at least one
 * failure, also if no test did: `problem` says what.
 */
export function readResults(folder, exitCode) {
  const file = join(folder, fileName)
  if (!existsSync(file)) {
    return { passed: 0, failed: 1, skipped: 0, failures: [], problem: 'ended without results' }
  }
  const results = JSON.parse(readFileSync(file, 'utf8'))
  const counted = {
    passed: results.numPassedTests,
    // A file that could not even be loaded has no tests to fail.
    failed: results.numFailedTests + results.testResults.filter(isBrokenFile).length,
    skipped: results.numPendingTests + results.numTodoTests,
    failures: results.testResults.flatMap((file) => failuresOf(file, folder)),
    problem: undefined,
  }
  if (exitCode === 0 || counted.failed > 0) return counted
  return { ...counted, failed: 1, problem: `no test failed, but the run ended with ${exitCode}` }
}

/** The closing line: `N passed, N failed`, and the skipped ones if there are any. */
export function summaryLine(all) {
  const sum = (name) => all.reduce((total, one) => total + one[name], 0)
  const skipped = sum('skipped')
  const line = `${sum('passed')} passed, ${sum('failed')} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}

function failuresOf(file, folder) {
  const name = relative(folder, file.name)
  if (isBrokenFile(file)) return [`${name}: ${firstLine(file.message)}`]
  return file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map((one) => `${name} > ${one.fullName}: ${firstLine(one.failureMessages?.[0])}`)
}

function firstLine(text = '') {
  return text.split('\n', 1)[0]
}

function isBrokenFile({ status, assertionResults }) {
  return status === 'failed' && assertionResults.every((one) => one.status !== 'failed')
}
