import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFolder } from '../test/folder.ts'
import { binariesIn } from './binaries.ts'
import { copyBinaries, openRefuge, refugeOf } from './refuge.ts'

/** An installation in the small, as a narrow umask leaves it. */
async function setup() {
  const folder = await openFolder()
  const root = join(folder.path, 'native')
  await mkdir(join(root, 'bin'), { recursive: true, mode: 0o700 })
  await mkdir(join(root, 'lib'), { mode: 0o700 })
  await writeFile(join(root, 'bin', 'postgres'), 'first', { mode: 0o700 })
  await writeFile(join(root, 'lib', 'libpq.so.5.18'), 'library', { mode: 0o600 })
  await writeFile(join(root, 'lib', 'libpq.a'), 'for compilers')
  await symlink('libpq.so.5.18', join(root, 'lib', 'libpq.so'))
  const refuge = join(folder.path, 'refuge')
  await openRefuge(refuge)
  return { root, refuge, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

test('a refuge is found again by its path alone', () => {
  expect(refugeOf('/srv/shop')).toMatch(/^\/var\/tmp\/aquifer-[0-9a-f]{16}$/)
  expect(refugeOf('/srv/shop')).toBe(refugeOf('/srv/shop'))
  expect(refugeOf('/srv/shop')).not.toBe(refugeOf('/srv/shop2'))
})

test('a copy of the binaries can be read and run by everybody', async () => {
  await using t = await setup()

  const copy = await copyBinaries(binariesIn(t.root), t.refuge)

  expect((await stat(copy.postgres)).mode & 0o777).toBe(0o755)
  expect((await stat(join(copy.root, 'lib'))).mode & 0o777).toBe(0o755)
  expect((await stat(join(copy.root, 'lib', 'libpq.so'))).mode & 0o777).toBe(0o644)
  await expect(stat(join(copy.root, 'lib', 'libpq.a'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('the copy is kept until the original changes', async () => {
  await using t = await setup()
  const copy = await copyBinaries(binariesIn(t.root), t.refuge)
  await writeFile(join(copy.root, 'mark'), '')
  await copyBinaries(binariesIn(t.root), t.refuge)
  await stat(join(copy.root, 'mark'))

  await writeFile(join(t.root, 'bin', 'postgres'), 'second, longer')
  await copyBinaries(binariesIn(t.root), t.refuge)

  expect(await readFile(copy.postgres, 'utf8')).toBe('second, longer')
  await expect(stat(join(copy.root, 'mark'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a folder that others may write to is no refuge', async () => {
  await using t = await setup()
  await chmod(t.refuge, 0o777)

  await expect(openRefuge(t.refuge)).rejects.toMatchObject({ code: 'UNSAFE_FOLDER' })
})
