import { expect, test } from 'vitest'
import { emptyCatalogue } from '../src/catalogue/catalogue.ts'
import { diffCatalogues } from '../src/diff/diff.ts'
import { schemaWorld, witness } from './catalogue-world.ts'
import { expectRoundTrip } from './round-trip.ts'
import type { SchemaChange } from './schema-change.ts'
import { CHANGES } from './schema-changes.ts'

const both = CHANGES.flatMap((change) => [
  { ...change, title: `${change.title}, coming` },
  {
    title: `${change.title}, going`,
    before: schemaOnly(change.after),
    after: schemaOnly(change.before),
  },
])

/** Rows are made to fit the way there, not the way back. */
function schemaOnly(statements: readonly string[]): string[] {
  return statements.map((statement) => statement.replace(/;?\s*insert into [^;]*/g, ''))
}

test.each(both)('$title', async ({ before, after }: SchemaChange) => {
  await expectRoundTrip(before, after)
  expect.assertions(6)
})

test('an empty database is given all of it, each in a schema of its own', async () => {
  const statements = CHANGES.flatMap(({ after }, at) => [
    `create schema s${at}; set search_path = s${at}`,
    ...after,
    'reset search_path',
  ])
  await using wanted = await schemaWorld(...statements)
  await using empty = await schemaWorld()
  const catalogue = await wanted.read()

  const plan = diffCatalogues(emptyCatalogue(catalogue.serverVersion), catalogue)
  await empty.up(plan)

  expect(diffCatalogues(await empty.read(), catalogue)).toEqual([])
  expect(await witness(empty)).toEqual(await witness(wanted))
  await empty.down(plan)
  expect(await empty.read()).toEqual(emptyCatalogue(catalogue.serverVersion))
})

test('what others may do with a view or function survives that it is made anew', async () => {
  const role = 'pg_monitor'
  const grants = `grant select on v to ${role}; revoke all on function f from public; grant execute on function f to ${role} with grant option`
  const before =
    'create table t (a int); create view v as select a from t; create function f(a int) returns int language sql as $$ select 1 $$'
  await using old = await schemaWorld(before, grants)
  await using next = await schemaWorld(before.replaceAll('a int', 'a bigint'))
  const allowed = async () => {
    const { rows } = await old.client.query(
      `select relacl::text as acl from pg_class where relname = 'v' union all select proacl::text from pg_proc where proname = 'f'`,
    )
    return rows
  }
  const acls = await allowed()

  const plan = diffCatalogues(await old.read(), await next.read())
  await old.up(plan)
  expect(plan.map(({ kind }) => kind)).toContain('createView')
  expect((await allowed())[0]).toEqual(acls[0])

  await old.down(plan)
  expect(await allowed()).toEqual(acls)
})
