import { type Compilable, DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { EngineCompiler } from '../src/engine/compiler.ts'
import { type DatabaseOf, defineModel } from '../src/index.ts'
import { atVersion, softDelete, tenant, timestamps, unscoped, versioned } from '../src/models.ts'
import { FactsCache } from '../src/pool/statement-facts.ts'
import { ModelRewriter } from '../src/rewrite/model-rewriter.ts'

const papers = defineModel('papers', {
  id: c.integer().primaryKey(),
  content: c.jsonb<unknown>(),
  ...tenant(),
  ...softDelete(),
  ...timestamps(),
  ...versioned(),
})

type Shop = Kysely<DatabaseOf<{ papers: typeof papers }>>

function setup() {
  const compiler = new EngineCompiler(new FactsCache(), new ModelRewriter({ papers }, 'shop.'))
  const db: Shop = new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => compiler,
    },
  })
  return { db, compiler }
}

const makers: [string, (db: Shop, value: number) => Compilable, (value: number) => unknown[]][] = [
  [
    'a select',
    (db, value) => db.selectFrom('papers').select('id').where('id', '=', value).limit(value),
    (value) => [value, value],
  ],
  [
    'a full join',
    (db, value) =>
      db
        .selectFrom('papers')
        .fullJoin('papers as p', (join) => join.on('p.id', '=', value))
        .select('p.id')
        .where('papers.id', '=', value + 1),
    (value) => [value, value + 1],
  ],
  [
    'an insert that leaves the tenant out',
    (db, value) => db.insertInto('papers').values({ id: value, content: [value] }),
    (value) => [value, `[${value}]`],
  ],
  [
    'an insert that brings it',
    (db, value) =>
      db.insertInto('papers').values([
        { tenantId: `a${value}`, id: value, content: [value] },
        { tenantId: `b${value}`, id: value + 1, content: 'text' },
      ]),
    (value) => [`a${value}`, value, `[${value}]`, `b${value}`, value + 1, '"text"'],
  ],
  [
    'an update at a version',
    (db, value) =>
      db
        .updateTable('papers')
        .set({ content: [value], tenantId: `a${value}` })
        .where('id', '=', value + 1)
        .$call(atVersion(value + 2)),
    (value) => [`[${value}]`, `a${value}`, value + 1, value + 2],
  ],
  [
    'a delete',
    (db, value) => db.deleteFrom('papers').where('id', '=', value).$call(unscoped('tenant')),
    (value) => [value],
  ],
]

test.each(makers)('%s is rewritten once for all values', (_title, make, values) => {
  const { db, compiler } = setup()
  const first = make(db, 1).compile()
  const second = make(db, 7).compile()
  expect(compiler.planOf(second)).toBe(compiler.planOf(first))
  expect(first.parameters).toEqual(values(1))
  expect(second.parameters).toEqual(values(7))
})

test('what is marked is another shape', () => {
  const { db } = setup()
  const query = db.selectFrom('papers').select('id')
  expect(query.compile().sql).toBe(
    `select "id" from "papers" where "papers"."tenant_id" = cast(current_setting('shop.tenant') as uuid) and "papers"."deleted_at" is null`,
  )
  expect(query.$call(unscoped('tenant')).compile().sql).toBe(
    'select "id" from "papers" where "papers"."deleted_at" is null',
  )
  expect(query.$call(unscoped('tenant', 'softDelete')).compile().sql).toBe(
    'select "id" from "papers"',
  )
})

test('outer joins are filtered where they are joined, and only full ones by subqueries', () => {
  const { db } = setup()
  const from = db.selectFrom('papers as a').select('a.id').$call(unscoped('tenant'))
  const sqlOf = (query: Compilable) => query.compile().sql.split('select "a"."id" from ')[1]
  expect(sqlOf(from.leftJoin('papers as b', 'b.id', 'a.id'))).toBe(
    '"papers" as "a" left join "papers" as "b" on "b"."id" = "a"."id" and "b"."deleted_at" is null where "a"."deleted_at" is null',
  )
  expect(sqlOf(from.rightJoin('papers as b', 'b.id', 'a.id'))).toBe(
    '"papers" as "a" right join "papers" as "b" on "b"."id" = "a"."id" and "a"."deleted_at" is null where "b"."deleted_at" is null',
  )
  expect(sqlOf(from.fullJoin('papers as b', 'b.id', 'a.id'))).toBe(
    '(select * from "papers" as "a" where "a"."deleted_at" is null) as "a" full join (select * from "papers" as "b" where "b"."deleted_at" is null) as "b" on "b"."id" = "a"."id"',
  )
})
