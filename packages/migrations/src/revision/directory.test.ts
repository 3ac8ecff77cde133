import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { listRevisionFiles, loadRevisions } from './directory.ts'

const HEADER = (id: string) =>
  `export const revision = { id: '${id}', parents: [], phase: 'expand', transaction: true }\n`
const STEPS = 'export async function up() {}\nexport async function down() {}\n'

async function folderOf(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-revisions-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

test('revisions are loaded in the order in which they were written', async () => {
  await using t = await folderOf({
    '20260102000000_bbbbbbbb_second.ts': HEADER('bbbbbbbb') + STEPS,
    '20260101000000_cccccccc_first.mjs': HEADER('cccccccc') + STEPS,
  })
  for (const place of [t.folder, pathToFileURL(t.folder), pathToFileURL(t.folder).href]) {
    const loaded = await loadRevisions(place)
    expect(loaded).toMatchObject([
      {
        id: 'cccccccc',
        name: '20260101000000_cccccccc_first',
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        transaction: true,
        file: join(t.folder, '20260101000000_cccccccc_first.mjs'),
      },
      { id: 'bbbbbbbb' },
    ])
  }
})

test('what is no code, declarations and tests may lie beside the revisions', async () => {
  await using t = await folderOf({
    'README.md': '',
    '20260101000000_aaaaaaaa_first.ts': HEADER('aaaaaaaa') + STEPS,
    '20260101000000_aaaaaaaa_first.d.ts': '',
    '20260101000000_aaaaaaaa_first.test.ts': '',
  })
  expect(await listRevisionFiles(t.folder)).toHaveLength(1)
})

test.each([
  ['no-such-name.ts', STEPS, 'a revision is named YYYYMMDDHHmmss_<id8>_<slug>.ts'],
  ['20260101000000_aaaaaaaa_x.ts', STEPS, 'it needs `export const revision'],
  ['20260101000000_aaaaaaab_x.ts', HEADER('bbbbbbbb') + STEPS, "id 'bbbbbbbb' and its name"],
  ['20260101000000_aaaaaaac_x.ts', HEADER('aaaaaaac'), 'it needs `export async function up'],
  [
    '20260101000000_aaaaaaad_x.ts',
    `${HEADER('aaaaaaad')}export async function up() {}`,
    'it needs `export async function down',
  ],
  ['20260101000000_aaaaaaae_x.ts', 'throw new Error("oh no")', 'it cannot be loaded: oh no'],
])('%s is refused with its name and the reason', async (name, text, reason) => {
  await using t = await folderOf({ [name]: text })
  const error = await loadRevisions(t.folder).catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ code: 'REVISION_FILE' })
  expect((error as Error).message).toContain(join(t.folder, name))
  expect((error as Error).message).toContain(reason)
})

test('a folder that does not exist is an error that says where to look', async () => {
  await expect(listRevisionFiles('/nowhere/at/all')).rejects.toMatchObject({
    code: 'REVISION_DIRECTORY',
    message: expect.stringContaining('/nowhere/at/all'),
  })
})
