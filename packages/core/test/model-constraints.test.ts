import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { textCodec } from '../src/codec/basic.ts'
import * as c from '../src/columns.ts'
import { type Column, column } from '../src/model/column.ts'
import { belongsTo, type DeclaredType, ddlOf, defineModel, type Model } from '../src/models.ts'
import { readCatalogue } from './catalogue.ts'
import { setupModels } from './model-world.ts'

const make = async (models: readonly Model[], before = '') => {
  const t = await setupModels({}, before || 'select')
  for (const statement of ddlOf(models)) await t.witness(statement)
  return Object.assign(t, { catalogue: await readCatalogue(t.witness, 'public') })
}

const id = () => c.integer().primaryKey()

test('two models that refer to each other are made, whichever comes first', async () => {
  const users = defineModel(
    'users',
    { id: id(), teamId: c.integer() },
    { relations: { team: belongsTo('teams', 'teamId', { deferrable: true }) } },
  )
  const teams = defineModel(
    'teams',
    { id: id(), leaderId: c.integer() },
    { relations: { leader: belongsTo('users', 'leaderId') } },
  )

  await using t = await make([users, teams])

  expect(Object.keys(t.catalogue.constraints)).toEqual([
    'teams.teams_leader_id_fkey',
    'teams.teams_pkey',
    'users.users_pkey',
    'users.users_team_id_fkey',
  ])
})

test('a list of texts and conditions on one column are one constraint of its name', async () => {
  const orders = defineModel('orders', {
    id: id(),
    orderStatus: c.oneOf('open', "it's paid").check((status) => sql`length(${status}) < 10`),
  })

  await using t = await make([orders])

  await t.witness(`insert into orders values (1, 'it''s paid')`)
  await expect(t.witness(`insert into orders values (2, 'lost')`)).rejects.toMatchObject({
    constraint: 'orders_order_status_check',
  })
})

test('rooms are booked once at a time: an exclusion', async () => {
  const bookings = defineModel(
    'bookings',
    { id: id(), roomId: c.integer(), during: column<string>('tsrange', textCodec) },
    {
      exclusions: [
        {
          on: [
            { column: 'roomId', with: '=' },
            { column: 'during', with: '&&' },
          ],
          where: sql`id > 0`,
          deferrable: 'initially deferred',
        },
      ],
    },
  )

  await using t = await make([bookings], 'create extension if not exists btree_gist')

  await t.witness(`insert into bookings values (1, 7, '[2026-01-01, 2026-01-03)')`)
  await expect(
    t.witness(`insert into bookings values (2, 7, '[2026-01-02, 2026-01-04)')`),
  ).rejects.toMatchObject({ constraint: 'bookings_room_id_during_excl' })
  await t.witness(`insert into bookings values (2, 8, '[2026-01-02, 2026-01-04)')`)
  expect(t.catalogue.constraints['bookings.bookings_room_id_during_excl']).toMatchObject({
    deferring: 'initially deferred',
  })
})

test('indexes of other methods, operator classes and collations', async () => {
  const pages = defineModel(
    'pages',
    { id: id(), title: c.text(), tags: column<string[]>('text[]', textCodec), data: c.jsonb() },
    {
      indexes: [
        { on: 'tags', using: 'gin' },
        { on: { column: 'data', opclass: 'jsonb_path_ops' }, using: 'gin' },
        { on: { column: 'title', opclass: 'text_pattern_ops', collate: 'C' } },
        { on: [sql`lower(title)`, 'id'], unique: true, name: 'pages_title_living_key' },
        { on: { expression: sql`title || ${'x'}`, order: 'desc' }, name: 'pages_title_x_idx' },
      ],
    },
  )

  await using t = await make([pages])

  const indexes = await t.witness(
    `select pg_get_indexdef(indexrelid) as text from pg_index join pg_class c on c.oid = indexrelid
     where indrelid = 'pages'::regclass and not indisprimary order by relname`,
  )
  expect(indexes.map(({ text }) => text)).toEqual([
    'CREATE INDEX pages_data_idx ON public.pages USING gin (data jsonb_path_ops)',
    'CREATE INDEX pages_tags_idx ON public.pages USING gin (tags)',
    'CREATE INDEX pages_title_idx ON public.pages USING btree (title COLLATE "C" text_pattern_ops)',
    'CREATE UNIQUE INDEX pages_title_living_key ON public.pages USING btree (lower(title), id)',
    "CREATE INDEX pages_title_x_idx ON public.pages USING btree (((title || 'x'::text)) DESC)",
  ])
})

test('schemas, enums and domains come before the tables that name them', async () => {
  const mood: DeclaredType = {
    kind: 'enum',
    name: 'shop."Mood"',
    values: ['glad', "can't say"],
  }
  const customers = defineModel(
    'customers',
    {
      id: id(),
      mood: column<string>('shop."Mood"', textCodec, { declares: mood }).default('glad'),
      moods: column<string>('shop."Mood"[]', textCodec, { declares: mood }),
      age: column<number>('years', textCodec, {
        declares: {
          kind: 'domain',
          name: 'years',
          base: 'integer',
          check: sql`value between 0 and ${150}`,
        },
      }),
    },
    { schema: 'people' },
  )

  await using t = await make([customers])

  const columns = (await readCatalogue(t.witness, 'people')).columns
  expect(columns).toMatchObject({
    'customers.mood': { type: 'shop."Mood"', default: '\'glad\'::shop."Mood"' },
    'customers.moods': { type: 'shop."Mood"[]' },
    'customers.age': { type: 'years' },
  })
  await expect(t.witness(`select 151::years`)).rejects.toMatchObject({ code: '23514' })
  expect(await t.witness(`select unnest(enum_range(null::shop."Mood"))::text as word`)).toEqual([
    { word: 'glad' },
    { word: "can't say" },
  ])
})

test('a list of texts is kept in a column of a domain too', async () => {
  const declares: DeclaredType = { kind: 'domain', name: 'word', base: 'text' }
  const orders = defineModel('orders', {
    kind: column<string>('word', textCodec, { declares, oneOf: ['a', 'b'] }),
  })

  await using t = await make([orders])

  await expect(t.witness(`insert into orders values ('c')`)).rejects.toMatchObject({
    constraint: 'orders_kind_check',
  })
})

test('a foreign key may refer to a unique index', async () => {
  const users = defineModel(
    'users',
    { id: id(), email: c.text() },
    { indexes: [{ on: 'email', unique: true }] },
  )
  const logins = defineModel(
    'logins',
    { id: id(), email: c.text() },
    { foreignKeys: [{ on: 'email', references: 'users', columns: 'email', onUpdate: 'cascade' }] },
  )

  await using t = await make([logins, users])

  expect(t.catalogue.constraints['logins.logins_email_fkey']).toMatchObject({
    target: 'users',
    targetColumns: ['email'],
    onUpdate: 'c',
  })
})

test('a check that is not valid lets rows be that are there', async () => {
  const users = defineModel(
    'users',
    { id: id() },
    { checks: [{ check: sql`id > 0`, on: 'id', notValid: true, comment: 'new rows only' }] },
  )

  await using t = await make([users])

  expect(t.catalogue.constraints['users.users_id_check']).toMatchObject({ valid: false })
  expect(t.catalogue.comments).toEqual(['new rows only'])
})

test('a column with a name of its own has it everywhere', async () => {
  const users = defineModel(
    'users',
    {
      id: id(),
      userID: c
        .text()
        .named('user_id')
        .unique()
        .check((it) => sql`${it} <> ''`),
    },
    {
      checks: [{ check: sql`length(${sql.ref('users.userID')}) < 9`, on: 'userID', name: 'short' }],
      indexes: [{ on: 'userID', where: sql`${sql.ref('userID')} <> 'x'` }],
    },
  )

  await using t = await make([users])

  expect(Object.keys(t.catalogue.constraints)).toEqual([
    'users.short',
    'users.users_pkey',
    'users.users_user_id_check',
    'users.users_user_id_key',
  ])
  expect(Object.keys(t.catalogue.indexes)).toEqual(['users.users_user_id_idx'])
})

/** Options that the compiler would refuse are taken too. */
const two = (options: object, columns = {}) =>
  defineModel('users', { id: id(), email: c.text(), ...columns }, options)
const named = (name: string, special: Partial<Column<unknown>['definition']>) =>
  defineModel(name, { id: id(), kind: column<string>('kind', textCodec, special) })

test.each<[string, string, () => unknown]>([
  [
    'two indexes of one name',
    'MODEL_NAME_TAKEN',
    () => two({ indexes: [{ on: sql`lower(email)` }, { on: sql`upper(email)` }] }),
  ],
  ['two columns of one name', 'MODEL_NAME_TAKEN', () => two({}, { mail: c.text().named('email') })],
  [
    'a relation and a foreign key that are the same',
    'MODEL_NAME_TAKEN',
    () =>
      defineModel(
        'users',
        { id: id(), bossId: c.integer() },
        {
          relations: { boss: belongsTo('users', 'bossId') },
          foreignKeys: [{ on: 'bossId', references: 'users' }],
        },
      ),
  ],
  [
    'a given name of 64 bytes',
    'MODEL_NAME_LONG',
    () => two({ uniques: [{ on: 'id', name: 'é'.repeat(32) }] }),
  ],
  ['a table of 64 bytes', 'MODEL_NAME_LONG', () => two({ table: 'x'.repeat(64) })],
  ['a column that is none', 'MODEL_COLUMN', () => two({ uniques: [{ on: 'toString' }] })],
  [
    'a table and an index of one name',
    'MODEL_NAME_TAKEN',
    () =>
      ddlOf([two({ indexes: [{ on: 'id', name: 'posts' }] }), defineModel('posts', { id: id() })]),
  ],
  [
    'a table and a type of one name',
    'MODEL_NAME_TAKEN',
    () => ddlOf([named('kind', { declares: { kind: 'enum', name: 'kind', values: [] } })]),
  ],
  [
    'one type declared in two ways',
    'MODEL_TYPE_CONFLICT',
    () =>
      ddlOf([
        named('one', { declares: { kind: 'enum', name: 'kind', values: ['a'] } }),
        named('two', { declares: { kind: 'enum', name: 'kind', values: ['b'] } }),
      ]),
  ],
  [
    'a reference to a model that is not there',
    'MODEL_UNKNOWN',
    () => ddlOf([two({ foreignKeys: [{ on: 'id', references: 'nobody' }] })]),
  ],
  [
    'a reference of one column to two',
    'MODEL_RELATION',
    () =>
      ddlOf([two({ foreignKeys: [{ on: 'id', references: 'users', columns: ['id', 'email'] }] })]),
  ],
  [
    'a computed column without its expression',
    'MODEL_GENERATED',
    () => ddlOf([defineModel('users', { id: c.integer().generated() })]),
  ],
  [
    'a value without a spelling',
    'DDL_VALUE',
    () => ddlOf([two({ checks: [{ check: sql`data = ${{ a: 1 }}` }] })]),
  ],
])('%s: %s', (_, code, declare) => {
  expect(declare).toThrow(expect.objectContaining({ code }))
})
