import { afterAll, expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { createEngine, defineModel, type Session } from '../src/index.ts'
import { loaders } from '../src/load/loaders.ts'
import { type NPlusOneMode, nPlusOne } from '../src/load/n-plus-one.ts'
import { belongsTo, type DatabaseOf, hasMany, manyToMany } from '../src/models.ts'
import type { NPlusOneFound } from '../src/pool/events.ts'
import { setupModels } from './model-world.ts'

const users = defineModel(
  'users',
  { id: c.integer().primaryKey(), name: c.text(), mentorId: c.integer().nullable() },
  {
    relations: {
      posts: hasMany('posts', 'authorId'),
      mentor: belongsTo('users', 'mentorId'),
      roles: manyToMany('roles', { through: 'userRoles', from: 'userId', to: 'roleId' }),
    },
  },
)
const posts = defineModel(
  'posts',
  { id: c.bigint().primaryKey(), authorId: c.integer(), title: c.text() },
  { relations: { author: belongsTo('users', 'authorId') } },
)
const roles = defineModel('roles', { id: c.integer().primaryKey(), name: c.text() })
const userRoles = defineModel('userRoles', {
  userId: c.integer().primaryKey(),
  roleId: c.integer().primaryKey(),
})
const settings = defineModel('settings', { id: c.integer().primaryKey(), ownerId: c.integer() })
const models = { users, posts, roles, userRoles, settings }
type Tables = DatabaseOf<typeof models>
const { load } = loaders(models)

const DDL = `
  create table users (id integer primary key, name text not null, mentor_id integer);
  create table posts (id bigint primary key, author_id integer not null, title text not null);
  create table roles (id integer primary key, name text not null);
  create table user_roles (user_id integer, role_id integer, primary key (user_id, role_id));
  create table settings (id integer primary key, owner_id integer not null);
  insert into users select n, 'user ' || n, nullif(n % 5, 0) from generate_series(1, 9) n;
  insert into posts select n, 1 + n % 9, 'post ' || n from generate_series(1, 40) n;
  insert into roles values (1, 'admin'), (2, 'editor');
  insert into user_roles select n, 1 + n % 2 from generate_series(1, 9) n;
  insert into settings select n, n from generate_series(1, 9) n;
`

async function setup(mode: NPlusOneMode) {
  const world = await setupModels(models, DDL)
  const engine = createEngine({ profile: world.engine.profile, models, watch: nPlusOne(mode) })
  const found: NPlusOneFound[] = []
  const texts: string[] = []
  engine.events.on('nPlusOne', (finding) => found.push(finding))
  engine.events.on('statement', ({ text }) => texts.push(text))
  return {
    engine,
    found,
    texts,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await world[Symbol.asyncDispose]()
    },
  }
}

type Work = (session: Session<Tables>) => Promise<unknown>

const usersOf = ({ db }: Session<Tables>) =>
  db.selectFrom('users').selectAll().orderBy('id').execute()
const postsOf = ({ db }: Session<Tables>, authorId: number) =>
  db.selectFrom('posts').selectAll().where('authorId', '=', authorId).orderBy('id').execute()

async function forEach<Row>(rows: readonly Row[], run: (row: Row) => Promise<unknown>) {
  const results: unknown[] = []
  for (const row of rows) results.push(await run(row))
  return results
}

const patterns: Readonly<Record<string, { relation: string | undefined; work: Work }>> = {
  'one to many, one after the other': {
    relation: 'posts',
    work: async (s) => forEach(await usersOf(s), ({ id }) => postsOf(s, id)),
  },
  'one to many, all at once': {
    relation: 'posts',
    work: async (s) => Promise.all((await usersOf(s)).map(({ id }) => postsOf(s, id))),
  },
  'many to one': {
    relation: 'author',
    work: async (s) => {
      const rows = await s.db.selectFrom('posts').selectAll().orderBy('id').execute()
      return forEach(rows, ({ authorId }) =>
        s.db.selectFrom('users').selectAll().where('id', '=', authorId).executeTakeFirst(),
      )
    },
  },
  'many to many': {
    relation: 'roles',
    work: async (s) =>
      forEach(await usersOf(s), ({ id }) =>
        s.db
          .selectFrom('roles')
          .innerJoin('userRoles', 'userRoles.roleId', 'roles.id')
          .select('roles.name')
          .where('userRoles.userId', '=', id)
          .execute(),
      ),
  },
  'a model and itself': {
    relation: 'mentor',
    work: async (s) =>
      forEach(await usersOf(s), ({ mentorId }) =>
        s.db.selectFrom('users').selectAll().where('id', '=', mentorId).executeTakeFirst(),
      ),
  },
  'a further condition': {
    relation: 'posts',
    work: async (s) =>
      forEach(await usersOf(s), ({ id }) =>
        s.db
          .selectFrom('posts as p')
          .select(['p.id', 'p.title'])
          .where('p.title', 'like', 'post%')
          .where('p.authorId', '=', id)
          .orderBy('p.id')
          .execute(),
      ),
  },
  'a limit for each': {
    relation: 'posts',
    work: async (s) =>
      forEach(await usersOf(s), ({ id }) =>
        s.db
          .selectFrom('posts')
          .selectAll()
          .where('authorId', '=', id)
          .orderBy('id')
          .limit(2)
          .execute(),
      ),
  },
  'a count for each': {
    relation: 'posts',
    work: async (s) =>
      forEach(await usersOf(s), ({ id }) =>
        s.db
          .selectFrom('posts')
          .select((e) => e.fn.countAll().as('count'))
          .where('authorId', '=', id)
          .executeTakeFirst(),
      ),
  },
  'a load for each': {
    relation: 'posts',
    work: async (s) =>
      forEach(await usersOf(s), ({ id }) =>
        s.db
          .selectFrom('posts')
          .select(['id', 'title'])
          .where('authorId', '=', id)
          .orderBy('id')
          .$call(load('posts', { author: { strategy: 'selectin' } }))
          .execute(),
      ),
  },
  'no relation is declared': {
    relation: undefined,
    work: async (s) =>
      forEach(await usersOf(s), ({ id }) =>
        s.db.selectFrom('settings').selectAll().where('ownerId', '=', id).execute(),
      ),
  },
  'in a savepoint': {
    relation: 'posts',
    work: async (s) => {
      const rows = await usersOf(s)
      return s.savepoint((inner) => forEach(rows, ({ id }) => postsOf(inner, id)))
    },
  },
  'the rows themselves, once more': {
    relation: undefined,
    work: async (s) =>
      forEach(await postsOf(s, 1), ({ id }) =>
        s.db.selectFrom('posts').selectAll().where('id', '=', id).executeTakeFirst(),
      ),
  },
}

const innocents: Readonly<Record<string, Work>> = {
  'ids that the caller brings': (s) => forEach([1, 2, 3, 4, 5], (id) => postsOf(s, id)),
  'two rows only': async (s) => {
    const rows = await s.db.selectFrom('users').selectAll().orderBy('id').limit(2).execute()
    return forEach(rows, ({ id }) => postsOf(s, id))
  },
  'the same row over and over': async (s) => {
    await usersOf(s)
    return forEach([1, 1, 1, 1, 1], (id) => postsOf(s, id))
  },
  'pages by key': async (s) => {
    const page = (after: bigint) =>
      s.db.selectFrom('posts').selectAll().where('id', '>', after).orderBy('id').limit(5).execute()
    for (let rows = await page(0n); rows.length > 0; rows = await page(rows.at(-1)?.id ?? 0n));
  },
  'one query with a list': async (s) => {
    const ids = (await usersOf(s)).map(({ id }) => id)
    return s.db.selectFrom('posts').selectAll().where('authorId', 'in', ids).execute()
  },
  'each kind of query once': async (s) => {
    const [first] = await usersOf(s)
    const id = first?.id ?? 0
    await postsOf(s, id)
    await s.db.selectFrom('settings').selectAll().where('ownerId', '=', id).execute()
    return s.db.selectFrom('userRoles').selectAll().where('userId', '=', id).execute()
  },
  'a write for each row': async (s) =>
    forEach(await usersOf(s), ({ id }) =>
      s.db.updateTable('posts').set({ title: 'new' }).where('authorId', '=', id).execute(),
    ),
  'values that stand in no result': async (s) => {
    await usersOf(s)
    return forEach([101, 102, 103, 104], (id) => postsOf(s, id))
  },
}

const seen = { truePositives: 0, falsePositives: 0, falseNegatives: 0 }
afterAll(() => {
  const { truePositives: hits, falsePositives, falseNegatives } = seen
  const precision = hits / (hits + falsePositives)
  const recall = hits / (hits + falseNegatives)
  console.log(JSON.stringify({ row: 'n plus one', ...seen, precision, recall }))
})

test.each(Object.entries(patterns))(
  '%s: is told of once, by relation',
  async (_, { relation, work }) => {
    await using t = await setup('log')

    await t.engine.session(work)

    if (t.found.length > 0) seen.truePositives += 1
    else seen.falseNegatives += 1
    expect(t.found).toMatchObject([{ relation, at: expect.stringContaining('n-plus-one.test.ts') }])
  },
)

test.each(Object.entries(innocents))('%s: is nobody told of', async (_, work) => {
  await using t = await setup('log')

  await t.engine.session(work)

  if (t.found.length > 0) seen.falsePositives += 1
  expect(t.found).toEqual([])
})

test.each(Object.entries(patterns))(
  '%s: brings the same when it is batched',
  async (_, { work }) => {
    await using plain = await setup('off')
    await using batched = await setup('batch')

    expect(await batched.engine.session(work)).toEqual(await plain.engine.session(work))
  },
)

test('batched queries are few', async () => {
  await using t = await setup('batch')

  await t.engine.session(patterns['one to many, one after the other']?.work as Work)

  // The users, two that were no pattern yet, and one for the seven others.
  expect(t.texts.filter((text) => text.startsWith('select'))).toHaveLength(4)
})

test('what a unit has changed is read anew', async () => {
  await using t = await setup('batch')

  const titles = await t.engine.session(async (s) => {
    const rows = await usersOf(s)
    return forEach(rows, async ({ id }) => {
      const own = await postsOf(s, id)
      await s.db
        .updateTable('posts')
        .set({ title: 'new' })
        .where('authorId', '=', id + 1)
        .execute()
      return own.map(({ title }) => title)
    })
  })

  expect(
    titles
      .slice(1)
      .flat()
      .every((title) => title === 'new'),
  ).toBe(true)
})

test('a pattern is refused where it is asked to, and the missing load is named', async () => {
  await using t = await setup('throw')

  const refused = t.engine.session(patterns['one to many, one after the other']?.work as Work)

  await expect(refused).rejects.toMatchObject({
    code: 'N_PLUS_ONE',
    message: expect.stringContaining("load('users', { posts: true })"),
  })
})

test('units know nothing of one another', async () => {
  await using t = await setup('throw')

  const [first, second, third] = await t.engine.session((s) => usersOf(s))
  for (const user of [first, second, third])
    await t.engine.session((s) => postsOf(s, user?.id ?? 0))

  expect(t.found).toEqual([])
})
