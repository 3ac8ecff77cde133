import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { createRevision, heads, loadRevisions } from '../src/index.ts'

async function folder() {
  const parent = await mkdtemp(join(tmpdir(), 'aquifer-revisions-'))
  return {
    path: join(parent, 'not', 'yet'),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  }
}

test('each new revision builds on the one before and is found again', async () => {
  await using t = await folder()
  const first = await createRevision(t.path, 'Users and roles')
  const second = await createRevision(t.path, 'Invoices')

  expect(basename(first.file)).toMatch(/^\d{14}_[0-9a-f]{8}_users_and_roles\.ts$/)
  expect(first.parents).toEqual([])
  expect(second.parents).toEqual([first.id])
  const stamps = [first, second].map(({ name }) => name.slice(0, 14))
  expect(stamps[1]! > stamps[0]!).toBe(true)
  expect(await loadRevisions(t.path)).toMatchObject([
    { id: first.id, phase: 'expand', transaction: true },
    { id: second.id, parents: [first.id] },
  ])
})

test('with several heads it asks which, and joins those that are named', async () => {
  await using t = await folder()
  const base = await createRevision(t.path, 'base')
  const left = await createRevision(t.path, 'left')
  const right = await createRevision(t.path, 'right', { heads: [base.id] })

  await expect(createRevision(t.path, 'next')).rejects.toMatchObject({
    code: 'REVISION_HEADS',
    revisions: expect.arrayContaining([left.id, right.id]),
  })
  const merge = await createRevision(t.path, 'merge', {
    heads: [left.id.slice(0, 6), right.id, right.id],
  })
  expect(merge.parents).toEqual([left.id, right.id])
  expect(heads(await loadRevisions(t.path))).toMatchObject([{ id: merge.id }])
})

test('a message that gives no name is refused', async () => {
  await using t = await folder()
  await expect(createRevision(t.path, '…')).rejects.toMatchObject({
    code: 'MESSAGE_INVALID',
    kind: 'usage',
  })
})
