import { describe, expect, test } from 'vitest'
import { diffCatalogues } from '../src/diff/diff.ts'
import type { Rename } from '../src/diff/rename.ts'
import { renameCandidates } from '../src/diff/rename-candidates.ts'
import { schemaWorld, witness } from './catalogue-world.ts'

interface RenameCase {
  readonly title: string
  readonly before: string
  readonly after: string
  readonly renames: readonly Rename[]
  /** What happens beside the renames, by its kinds. */
  readonly beside?: readonly string[]
  /** What of it is suggested without being told. */
  readonly suggested?: readonly unknown[]
}

const CASES: readonly RenameCase[] = [
  {
    title: 'a table with all that belongs to it',
    before: `create table people (id int generated always as identity primary key, boss int references people, name text default 'x' check (name <> ''));
      create table pets (owner int references people); create index people_name on people (name) where name > 'a';
      alter table people enable row level security; create policy p on people using (name <> '');
      create view v as select name from people; comment on table people is 'all'; create table sub () inherits (people)`,
    after: `create table users (id int generated always as identity (sequence name people_id_seq) constraint people_pkey primary key,
        boss int constraint people_boss_fkey references users, name text default 'x' constraint people_name_check check (name <> ''));
      create table pets (owner int references users); create index people_name on users (name) where name > 'a';
      alter table users enable row level security; create policy p on users using (name <> '');
      create view v as select name from users; comment on table users is 'all'; create table sub () inherits (users)`,
    renames: [{ from: 'people', to: 'users' }],
    suggested: [{ kind: 'table', from: 'public.people', to: 'public.users' }],
  },
  {
    title: 'a column that is used everywhere',
    before: `create table t (a int primary key, b int generated always as (a * 2) stored, c text, constraint k check (a > 0), unique (c, a));
      create index i on t (a, lower(c)) include (b) where a > 1; create table u (a int references t); create view v as select a, c from t;
      create view w as select a from v; create function f() returns trigger language plpgsql as 'begin return new; end';
      create trigger g before update of a on t for each row when (new.a > old.a) execute function f(); create policy p on t using (a > 0);
      create materialized view m as select c from t where a > 2; create sequence s owned by t.a`,
    after: `create table t (aa int primary key, b int generated always as (aa * 2) stored, c text, constraint k check (aa > 0), constraint t_c_a_key unique (c, aa));
      create index i on t (aa, lower(c)) include (b) where aa > 1; create table u (a int references t); create view v as select aa, c from t;
      create view w as select aa from v; create function f() returns trigger language plpgsql as 'begin return new; end';
      create trigger g before update of aa on t for each row when (new.aa > old.aa) execute function f(); create policy p on t using (aa > 0);
      create materialized view m as select c from t where aa > 2; create sequence s owned by t.aa`,
    renames: [{ from: 't.a', to: 'aa' }],
    beside: ['dropView', 'dropView', 'createView', 'createView'],
    suggested: [{ kind: 'column', from: 'public.t.a', to: 'public.t.aa' }],
  },
  {
    title: 'a column of a renamed table, and another type for it',
    before: 'create table old (a int not null); create view v as select a from old',
    after: 'create table new (b bigint not null); create view v as select b as a from new',
    renames: [
      { from: 'old', to: 'new' },
      { from: 'old.a', to: 'b' },
    ],
    beside: ['dropView', 'alterColumn', 'createView'],
  },
  {
    title: 'a column of partitions',
    before:
      'create table t (a int, b int) partition by list (a); create table t1 partition of t for values in (1)',
    after:
      'create table t (a int, c int) partition by list (a); create table t1 partition of t for values in (1)',
    renames: [{ kind: 'column', from: 'b', to: 'c' }],
    suggested: [{ kind: 'column', from: 'public.t.b', to: 'public.t.c' }],
  },
  {
    title: 'a label that is used everywhere',
    before: `create type mood as enum ('sad', 'ok'); create table t (m mood default 'sad' check (m <> 'sad'), ms mood[] default '{sad,ok}');
      create index i on t (m) where m = 'sad'; create view v as select m from t where m = 'sad'`,
    after: `create type mood as enum ('very sad', 'ok'); create table t (m mood default 'very sad' check (m <> 'very sad'), ms mood[] default '{very sad,ok}');
      create index i on t (m) where m = 'very sad'; create view v as select m from t where m = 'very sad'`,
    renames: [{ from: 'mood.sad', to: '"very sad"' }],
    suggested: [{ kind: 'enumValue', from: 'public.mood.sad', to: 'public.mood."very sad"' }],
  },
  {
    title: 'constraints and an index',
    before: `create table t (a int constraint x primary key, b int constraint y check (b > 0)); create index z on t (b); create table u (a int constraint f references t)`,
    after: `create table t (a int constraint xx primary key, b int constraint yy check (b > 0)); create index zz on t (b); create table u (a int constraint ff references t)`,
    renames: [
      { from: 't.x', to: 'xx' },
      { from: 'y', to: 'yy' },
      { from: 'z', to: 'zz' },
      { from: 'u.f', to: 'ff' },
    ],
    suggested: [
      { kind: 'constraint', from: 'public.t.x', to: 'public.t.xx' },
      { kind: 'constraint', from: 'public.t.y', to: 'public.t.yy' },
      { kind: 'index', from: 'public.t.z', to: 'public.t.zz' },
      { kind: 'constraint', from: 'public.u.f', to: 'public.u.ff' },
    ],
  },
]

test.each(CASES)('renamed: $title', async ({ before, after, renames, beside = [], suggested }) => {
  await using old = await schemaWorld(before)
  await using next = await schemaWorld(after)
  const [from, to] = [await old.read(), await next.read()]
  const [seenBefore, seenAfter] = [await witness(old), await witness(next)]
  if (suggested) expect(renameCandidates(from, to)).toEqual(suggested)

  const plan = diffCatalogues(from, to, { renames })
  const kinds = plan.map(({ kind }) => kind).filter((kind) => !kind.startsWith('rename'))
  expect(kinds).toEqual(beside)
  expect(plan.filter(({ kind }) => kind.startsWith('rename'))).toHaveLength(renames.length)
  await old.up(plan)

  expect(diffCatalogues(await old.read(), to)).toEqual([])
  expect(await witness(old)).toEqual(seenAfter)
  // A model goes on to tell of a rename that has happened.
  expect(diffCatalogues(await old.read(), to, { renames })).toEqual([])

  await old.down(plan)
  expect(diffCatalogues(await old.read(), from)).toEqual([])
  expect(await witness(old)).toEqual(seenBefore)
})

describe('a rename is refused', () => {
  test.each([
    ['if the old name is not there', { from: 'nothing', to: 'b' }, 'RENAME_UNKNOWN'],
    ['if the new name is not wanted', { from: 't.a', to: 'z' }, 'RENAME_UNKNOWN'],
    ['if it fits several objects', { from: 'a', to: 'b' }, 'RENAME_AMBIGUOUS'],
  ])('%s', async (_, rename, code) => {
    await using old = await schemaWorld('create table t (a int); create table u (a int)')
    await using next = await schemaWorld('create table t (b int); create table u (b int)')
    const [from, to] = [await old.read(), await next.read()]

    expect(() => diffCatalogues(from, to, { renames: [rename] })).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

test('nothing is taken for renamed that nobody called so', async () => {
  await using old = await schemaWorld('create table t (a int)')
  await using next = await schemaWorld('create table t (b int)')

  const plan = diffCatalogues(await old.read(), await next.read())

  expect(plan.map(({ kind, destructive }) => [kind, destructive])).toEqual([
    ['addColumn', false],
    ['dropColumn', true],
  ])
})
