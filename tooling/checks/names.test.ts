import { expect, test } from 'vitest'
import { names } from './names.ts'
import { memoryRepository } from './repository.ts'

async function messages(file: string, content = ''): Promise<string[]> {
  const { findings } = await names.run(memoryRepository({ [file]: content }), {})
  return findings.map(({ message }) => message)
}

test.each([
  'packages/core/src/pool/wait-queue.ts',
  'packages/core/src/pool/wait-queue.test.ts',
  'packages/core/test/types/engine.test-d.ts',
  'packages/db/src/revisions/20260101120000_1a2b3c4d_create_users.ts',
  'packages/core/CHANGELOG.md',
  'docs/pool-sizing.md',
])('%s is a good name', async (file) => {
  expect(await messages(file)).toEqual([])
})

test.each([
  'packages/core/src/utils.ts',
  'packages/core/src/pool/helpers.ts',
  'packages/core/src/common/clock.ts',
  'packages/core/src/types.ts',
  'apps/api/src/misc.test.ts',
])('%s does not say what it holds', async (file) => {
  expect(await messages(file)).toEqual([expect.stringContaining('does not say what it holds')])
})

test.each(['apps/api/src/WaitQueue.ts', 'apps/api/src/wait_queue.ts', 'apps/api/src/Pool/pool.ts'])(
  '%s is not kebab-case',
  async (file) => {
    expect(await messages(file)).toEqual([expect.stringContaining('is not kebab-case')])
  },
)

test('a file of 400 lines is allowed, one of 401 is not', async () => {
  expect(await messages('apps/api/src/app.ts', 'x\n'.repeat(400))).toEqual([])
  expect(await messages('apps/api/src/app.ts', 'x\n'.repeat(401))).toEqual([
    expect.stringContaining('401 lines'),
  ])
})
