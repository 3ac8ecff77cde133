import { expect, test } from 'vitest'
import { explainInstallFailure } from './install-failure.mjs'

test.each([
  [
    'a full disk',
    '      ff4ec6b: No\n      space left on device (os error 28)',
    'the disk is full',
  ],
  ['a missing network', 'npm error code EAI_AGAIN', 'the package registry cannot be reached'],
  ['a refused connection', 'reason: connect ECONNREFUSED 10.0.0.1:443', 'cannot be reached'],
  ['a name that does not resolve', '├─▶ client error\n  ├─▶ dns error', 'cannot be reached'],
  ['a folder of another user', 'Permission denied (os error 13)', 'as another user'],
  ['a lock file left behind', 'ERR_PNPM_OUTDATED_LOCKFILE', 'pnpm@'],
])('%s is explained', (_what, output, words) => {
  expect(explainInstallFailure(output)).toContain(words)
})

test('an unknown failure shows the line that names it', () => {
  const output = 'resolving\nERR_PNPM_ODD Something odd\nfor more see the docs'

  expect(explainInstallFailure(output)).toContain('ERR_PNPM_ODD Something odd')
})
