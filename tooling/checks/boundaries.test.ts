import { expect, test } from 'vitest'
import { boundaries } from './boundaries.ts'
import { memoryRepository } from './repository.ts'

const SOUND = {
  'packages/core/package.json': {
    name: '@aquifer/core',
    exports: { '.': './src/index.ts', './hono': './src/hono/index.ts' },
    peerDependencies: { pg: '8' },
    devDependencies: { '@aquifer/embedded': 'workspace:*', vitest: '5' },
  },
  'packages/embedded/package.json': {
    name: '@aquifer/embedded',
    exports: { '.': './src/index.ts' },
  },
  'packages/jobs/package.json': {
    name: '@aquifer/jobs',
    exports: { '.': './src/index.ts', './worker': './src/worker/index.ts' },
    dependencies: { '@aquifer/core': 'workspace:*' },
  },
  'apps/api/package.json': {
    name: '@app/api',
    dependencies: { '@aquifer/core': 'workspace:*', '@aquifer/jobs': 'workspace:*' },
  },
}

async function messages(changes: Record<string, object | string>): Promise<string[]> {
  const contents = Object.entries({ ...SOUND, ...changes }).map(([file, content]) => [
    file,
    typeof content === 'string' ? content : JSON.stringify(content),
  ])
  const { findings } = await boundaries.run(memoryRepository(Object.fromEntries(contents)), {})
  return findings.map(({ file, line, message }) => `${file}:${line ?? 1} ${message}`)
}

test('a house where packages meet by name has no findings', async () => {
  const found = await messages({
    'apps/api/src/main.ts': "import { sessionPerRequest } from '@aquifer/core/hono'",
    'packages/core/src/pool/backend.ts': "import net from 'node:net'\nimport pg from 'pg'",
    'packages/core/src/pool/backend.test.ts': "import { temporaryServer } from '@aquifer/embedded'",
    'packages/core/vitest.config.ts': "export { default } from '../../tooling/vitest/preset.ts'",
  })
  expect(found).toEqual([])
})

test('a dependency against the direction of the house is found', async () => {
  const found = await messages({
    'packages/jobs/package.json': {
      ...SOUND['packages/jobs/package.json'],
      dependencies: { '@aquifer/migrations': 'workspace:*' },
    },
  })
  expect(found).toEqual([
    expect.stringContaining('@aquifer/jobs may not depend on @aquifer/migrations'),
  ])
})

test('an application may not use the other one', async () => {
  const found = await messages({
    'apps/api/package.json': { name: '@app/api', devDependencies: { '@app/worker': '*' } },
  })
  expect(found).toEqual([expect.stringContaining('may not use @app/worker even in its tests')])
})

test('a package nobody has placed yet is found', async () => {
  const found = await messages({ 'packages/new/package.json': { name: '@aquifer/new' } })
  expect(found).toEqual([expect.stringContaining('@aquifer/new is new')])
})

test('a circle of packages is found, dev dependencies included', async () => {
  const found = await messages({
    'packages/embedded/package.json': {
      ...SOUND['packages/embedded/package.json'],
      devDependencies: { '@aquifer/core': 'workspace:*' },
    },
  })
  expect(found).toContainEqual(
    expect.stringContaining('@aquifer/core -> @aquifer/embedded -> @aquifer/core'),
  )
})

test.each([
  ['a relative path into another package', '../../../packages/core/src/index.ts', 'reaches into'],
  ['a file behind the entries', '@aquifer/core/src/pool/pool.ts', 'has no entry "./src/pool/pool'],
  ['an entry that does not exist', '@aquifer/jobs/outbox', 'its entries are ., ./worker'],
])('%s is found', async (_, specifier, message) => {
  const found = await messages({ 'apps/api/src/main.ts': `import { x } from '${specifier}'` })
  expect(found).toContainEqual(expect.stringContaining(message))
})

test.each([
  "import { test } from 'vitest'",
  "import type { Test } from 'vitest'",
  "import { defineConfig } from 'vitest/config'",
  "import { temporaryServer } from '@aquifer/embedded'",
])('source that needs a test dependency is found: %s', async (source) => {
  const found = await messages({ 'packages/core/src/pool/pool.ts': source })
  expect(found).toEqual([
    expect.stringContaining('packages/core/src/pool/pool.ts:1 source imports'),
  ])
})
