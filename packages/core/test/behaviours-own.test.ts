import { expressionBuilder, sql } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { defineModel, type InsertOf } from '../src/index.ts'
import {
  type InputOf,
  softDelete,
  tenant,
  timestamps,
  unscoped,
  uuidKey,
  versioned,
  withBehaviour,
} from '../src/models.ts'
import { setupModels } from './model-world.ts'

/** A team's own mixin: rows of the reader's region, and what is published. */
const published = () => ({
  region: withBehaviour(c.text(), {
    name: 'region',
    scope: (column, context) => expressionBuilder()(column, '=', context('region')),
  }),
  draft: withBehaviour(c.boolean().default(false), {
    name: 'published',
    scope: (column) => expressionBuilder()(column, 'is', sql<boolean>`false`),
    onUpdate: () => expressionBuilder().lit(true),
  }),
})

const pages = defineModel('pages', {
  ...uuidKey('gen_random_uuid'),
  title: c.text(),
  ...published(),
})

const setup = () =>
  setupModels(
    { pages },
    `create table pages (id uuid primary key default gen_random_uuid(), title text not null, region text not null, draft boolean not null default false);
    insert into pages (title, region, draft) values ('a', 'eu', false), ('b', 'eu', true), ('c', 'us', false)`,
  )

test('own behaviours decide what is seen and what an update sets', async () => {
  await using t = await setup()
  const { db } = t.engine
  const titles = db.selectFrom('pages').select('title').orderBy('title')
  await expect(titles.execute()).rejects.toMatchObject({ code: 'CONTEXT_REQUIRED' })
  const answers = await t.engine.session(
    async () => {
      const before = await titles.execute()
      await db.updateTable('pages').set({ title: 'A' }).where('title', '=', 'a').execute()
      return [before, await titles.execute(), await titles.$call(unscoped('published')).execute()]
    },
    { context: { region: 'eu' } },
  )
  expect(answers).toEqual([[{ title: 'a' }], [], [{ title: 'A' }, { title: 'b' }]])
  expect(await titles.$call(unscoped('region', 'published')).execute()).toHaveLength(3)
})

test('what behaviours fill in is no input from outside, and may be left out', () => {
  const all = defineModel('all', {
    ...uuidKey('gen_random_uuid'),
    title: c.text(),
    ...timestamps(),
    ...softDelete(),
    ...versioned(),
    ...tenant(),
  })
  const row: InsertOf<typeof all> = { title: 'x' }
  const input: InputOf<typeof all> = row
  // @ts-expect-error guarded columns are not set by input from outside
  const forged: InputOf<typeof all> = { title: 'x', tenantId: 'y' }
  expect([input, forged]).toHaveLength(2)
  expect(all.primaryKey).toEqual(['id'])
})
