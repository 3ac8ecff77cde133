import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { findProgram } from './find-program.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a program is found on PATH, then in the given folders, and only if it can be run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-test-'))
  await using _removed = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
  const file = join(folder, 'some-program')
  await writeFile(file, '', { mode: 0o644 })

  vi.stubEnv('PATH', '/nonexistent')
  expect(await findProgram('some-program', [folder])).toBeUndefined()
  await chmod(file, 0o755)
  expect(await findProgram('some-program')).toBeUndefined()
  expect(await findProgram('some-program', [folder])).toBe(file)
  vi.stubEnv('PATH', `/nonexistent:${folder}`)
  expect(await findProgram('some-program')).toBe(file)
})
