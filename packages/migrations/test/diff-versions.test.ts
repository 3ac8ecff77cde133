import { expect, test } from 'vitest'
import { schemaWorld } from './catalogue-world.ts'
import { expectRoundTrip } from './round-trip.ts'

/** What only later servers know; earlier ones are given what they know instead. */
interface Novelty {
  readonly title: string
  readonly since: number
  readonly before: string
  readonly after: string
  readonly instead: string
}

const NOVELTIES: readonly Novelty[] = [
  {
    title: 'NULLS NOT DISTINCT',
    since: 15,
    before: 'create table t (a int, b int)',
    after:
      'create table t (a int, b int, unique nulls not distinct (a)); create unique index i on t (b) nulls not distinct',
    instead: 'create table t (a int, b int, unique (a)); create unique index i on t (b)',
  },
  {
    title: 'a column that is computed when it is read',
    since: 18,
    before: 'create table t (a int)',
    after: 'create table t (a int, b int generated always as (a * 2) virtual)',
    instead: 'create table t (a int, b int generated always as (a * 2) stored)',
  },
  {
    title: 'another expression of such a column',
    since: 18,
    before: 'create table t (a int, b int generated always as (a * 3) stored)',
    after: 'create table t (a int, b int generated always as (a * 2) virtual)',
    instead: 'create table t (a int, b int generated always as (a * 2) stored)',
  },
  {
    title: 'keys over time',
    since: 18,
    before: 'create extension btree_gist; create table t (id int, at daterange)',
    after: `create extension btree_gist; create table t (id int, at daterange, primary key (id, at without overlaps));
      create table u (id int, at daterange, foreign key (id, period at) references t (id, period at))`,
    instead: `create extension btree_gist; create table t (id int not null, at daterange not null, exclude using gist (id with =, at with &&))`,
  },
  {
    title: 'a check that is not enforced',
    since: 18,
    before: 'create table t (a int)',
    after: 'create table t (a int, constraint c check (a > 0) not enforced)',
    instead: 'create table t (a int, constraint c check (a > 0))',
  },
]

test.each(NOVELTIES)('$title', async ({ since, before, after, instead }) => {
  await using server = await schemaWorld()
  const { rows } = await server.client.query(
    `select current_setting('server_version_num')::int / 10000 as major`,
  )
  const wanted = rows[0].major >= since ? after : instead

  await expectRoundTrip([before], [wanted])
  await expectRoundTrip([wanted], [before])
  expect.assertions(12)
})
