import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storedJwtSecret } from './jwt-secret.ts'

async function setup() {
  const parent = await mkdtemp(join(tmpdir(), 'jwt-secret-'))
  return {
    dataDir: join(parent, 'data'),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true }),
  }
}

test('a made-up secret is long, kept, and readable by its owner alone', async () => {
  await using t = await setup()

  const secret = await storedJwtSecret(t.dataDir)

  expect(secret.length).toBeGreaterThanOrEqual(32)
  expect(await storedJwtSecret(t.dataDir)).toBe(secret)
  expect((await stat(join(t.dataDir, 'jwt-secret'))).mode & 0o777).toBe(0o600)
})

test('processes that start together agree on one secret and leave nothing else behind', async () => {
  await using t = await setup()

  const secrets = await Promise.all(Array.from({ length: 16 }, () => storedJwtSecret(t.dataDir)))

  expect(new Set(secrets).size).toBe(1)
  expect(await readdir(t.dataDir)).toEqual(['jwt-secret'])
})
