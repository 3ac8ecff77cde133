import { expect, test } from 'vitest'
import { layers } from './layers.ts'
import { memoryRepository } from './repository.ts'

async function messages(contents: Record<string, string>): Promise<string[]> {
  const files = Object.entries(contents).map(([file, text]) => [`packages/core/src/${file}`, text])
  const { findings } = await layers.run(memoryRepository(Object.fromEntries(files)), {})
  return findings.map(({ file, line, message }) => `${file}:${line ?? 1} ${message}`)
}

test('a room imports what stands below it and the neighbours it is allowed', async () => {
  const found = await messages({
    'session/session.ts':
      "import { Pool } from '../pool/pool.ts'\nimport '../errors/usage-error.ts'",
    'session/tracking/flush.ts': "import { Session } from '../session.ts'",
    'model/model.ts': "import { codec } from '../codec/codec.ts'",
    'pool/pool.ts': "import { Lease } from './lease.ts'",
    'index.ts': "export { Pool } from './pool/pool.ts'",
    'columns.ts': "export { text } from './model/column.ts'",
  })
  expect(found).toEqual([])
})

test.each([
  ['a higher room', 'pool/pool.ts', '../session/session.ts', 'pool (layer 3) imports session'],
  ['a room beside it', 'errors/from-driver.ts', '../time/clock.ts', 'errors imports time beside'],
  ['tracking from session', 'session/session.ts', './tracking/flush.ts', 'session (layer 5)'],
  ['an entry', 'engine/engine.ts', '../index.ts', 'engine imports an entry'],
  ['a listener', 'session/session.ts', '../observe/echo.ts', 'nothing inside core depends on'],
  ['an adapter', 'session/session.ts', '../hono/index.ts', 'nothing inside core depends on'],
])('importing %s is found', async (_, file, specifier, message) => {
  const found = await messages({ [file]: `\nimport { x } from '${specifier}'\n` })
  expect(found).toEqual([expect.stringContaining(`packages/core/src/${file}:2 `)])
  expect(found[0]).toContain(message)
})

test.each([
  "import type { Session } from '../session/session.ts'",
  "export { Session } from '../session/session.ts'",
  "export type { Session } from '../session/session.ts'",
  "const late = () => import('../session/session.ts')",
  "let session: import('../session/session.ts').Session",
])('every form of import counts: %s', async (source) => {
  expect(await messages({ 'pool/pool.ts': source })).toHaveLength(1)
})

test('words in strings and comments are no imports', async () => {
  const source = [
    "// import { Session } from '../session/session.ts'",
    'const text = "import { Session } from \'../session/session.ts\'"',
    "const template = `import('../session/session.ts')`",
  ]
  expect(await messages({ 'pool/pool.ts': source.join('\n') })).toEqual([])
})

test('a listener imports the types of what it listens to, not its values', async () => {
  expect(
    await messages({ 'observe/echo.ts': "import type { PoolEvents } from '../pool/events.ts'" }),
  ).toEqual([])
  expect(await messages({ 'observe/echo.ts': "import { Pool } from '../pool/pool.ts'" })).toEqual([
    expect.stringContaining('it only listens'),
  ])
})

test('a folder without a layer is found', async () => {
  expect(await messages({ 'cache/cache.ts': '' })).toEqual([
    expect.stringContaining('core has no room "cache"'),
  ])
})

test('tests may import any room', async () => {
  expect(
    await messages({ 'pool/pool.test.ts': "import { Session } from '../session/session.ts'" }),
  ).toEqual([])
})
