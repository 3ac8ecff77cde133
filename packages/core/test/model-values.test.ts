import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { defineModel } from '../src/index.ts'
import { setupModels } from './model-world.ts'

const documents = defineModel('documents', {
  id: c.integer().primaryKey(),
  content: c.jsonb<unknown>().nullable(),
})

const setup = () =>
  setupModels(
    { documents },
    'create table documents (id integer primary key, content jsonb); insert into documents values (1, null)',
  )

test.each([
  [[]],
  [[1, 'two', null]],
  ['text'],
  [''],
  [0],
  [true],
  [{ nested: [{}] }],
  [null],
  [{ kind: 'ValueNode', value: 1 }],
])('the document %j comes back as it was written', async (content) => {
  await using t = await setup()
  const { db } = t.engine

  await db.insertInto('documents').values({ id: 2, content }).execute()
  await db
    .insertInto('documents')
    .values([
      { id: 3, content },
      { id: 4, content },
    ])
    .execute()
  await db.updateTable('documents').set({ content }).where('id', '=', 1).execute()
  await db
    .insertInto('documents')
    .values({ id: 2, content: 'other' })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ content }))
    .execute()

  const rows = await db.selectFrom('documents').select('content').orderBy('id').execute()
  expect(rows).toEqual([{ content }, { content }, { content }, { content }])
})
