import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Engine, Lease, Profile } from '../../src/index.ts'
import { note, setup, setupBehindProxy, type TestDatabaseTypes } from '../setup.ts'
import { trial } from './trial.ts'

const single = { size: 1, overflow: 0 } as const

/** All that one borrower of a connection could leave to the next. */
const LOOK = `select
  (select json_object_agg(name, setting order by name) from pg_settings
    where source = 'session' and name not in ('application_name', 'transaction_isolation',
      'transaction_read_only', 'transaction_deferrable', 'client_encoding')) as settings,
  current_schemas(false)::text as schemas, current_user::text as who,
  (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
  (select count(*)::int from pg_listening_channels()) as channels,
  (select count(*)::int from pg_cursors where name <> '') as cursors,
  (select count(*)::int from pg_prepared_statements where name not like 'aquifer%') as prepared,
  (select count(*)::int from pg_class where relpersistence = 't'
    and pg_table_is_visible(oid)) as temporary`

async function look(engine: Engine<TestDatabaseTypes>) {
  await using lease = await engine.acquire()
  const { transactionStatus } = lease
  return { transactionStatus, ...(await lease.query(LOOK)).rows[0] }
}

const leftovers = [
  "set work_mem to '1MB'",
  "SET SESSION work_mem TO '1MB'",
  "/* a comment */ set work_mem to '1MB'",
  "-- a comment\nset work_mem to '1MB'",
  "select 1; set work_mem to '1MB'",
  "select set_config('work_mem', '1MB', false)",
  "select set_config('work_mem', concat('1', 'MB'), false)",
  "set search_path to 'pg_catalog'",
  "select '--', set_config('work_mem', '1MB', false)",
  "select '/*', set_config('work_mem', '1MB', false), '*/'",
  "/* a /* nested */ comment */ set work_mem to '1MB'",
  'set role pg_monitor',
  'set session authorization default; set time zone 3',
  'create temp table leftover (id int)',
  'create temporary table leftover as select 1 as one',
  'select 1 as one into temp leftover',
  'create or replace temp view leftover as select 1 as one',
  'create table pg_temp.leftover (id int)',
  'listen leftover',
  'select pg_advisory_lock(1)',
  'select pg_try_advisory_lock(1, 2)',
  'select pg_advisory_lock_shared(1)',
  'declare leftover cursor with hold for select 1',
  'prepare leftover as select 1',
  'begin',
  "begin; set local work_mem to '1MB'",
  "start transaction; insert into notes values (1, 'x')",
  "do $$ begin perform set_config('work_mem', '1MB', false); end $$",
  'call leave_something()',
  "load 'plpgsql'; set plpgsql.extra_warnings to 'all'",
]

const withProcedures = async (profile: Partial<Profile> = {}) => {
  const t = await setup({ ...single, ...profile })
  await t.witness(
    "create procedure leave_something() language sql as $$ select set_config('work_mem', '1MB', false) $$",
  )
  await t.witness(
    "create function hidden() returns text language sql as $$ select set_config('work_mem', '1MB', false) $$",
  )
  return t
}

test('no state that a borrower leaves behind reaches the next one (S10)', async () => {
  await using t = await withProcedures()
  const pristine = await look(t.engine)
  expect(pristine).toMatchObject({
    locks: 0,
    channels: 0,
    cursors: 0,
    temporary: 0,
    transactionStatus: 'I',
  })
  await trial('S10', async (s10) => {
    for (const n of s10.times(leftovers.length, leftovers.length * 10)) {
      const statement = leftovers[n % leftovers.length] ?? ''
      const lease = await t.engine.acquire()
      await lease.query(statement)
      lease.release()
      await s10.outcome(look(t.engine), pristine)
    }
  })
})

test('a session or a lone statement may leave no more behind than a lease (S10)', async () => {
  await using t = await withProcedures()
  const pristine = await look(t.engine)
  await trial('S10 engine', async (s10) => {
    const insideTransaction = leftovers.filter(
      (one) => !/begin;|^begin|start transaction/.test(one),
    )
    for (const n of s10.times(insideTransaction.length * 2, insideTransaction.length * 10)) {
      const statement = insideTransaction[n % insideTransaction.length] ?? ''
      if (n % 2 === 0) await t.engine.session((session) => session.query(statement)).catch(() => {})
      else
        await sql
          .raw(statement)
          .execute(t.engine.db)
          .catch(() => {})
      await s10.outcome(look(t.engine), pristine)
    }
  })
})

test("state that a function sets in its body is not seen, and is gone with reset: 'always' (S10)", async () => {
  await using t = await withProcedures({ reset: 'always' })
  const pristine = await look(t.engine)
  const lease: Lease = await t.engine.acquire()
  await lease.query('select hidden()')
  lease.release()
  expect(await look(t.engine)).toEqual(pristine)
  expect(t.engine.stats().opened).toBe(1)
})

test('a clean session costs no flight beyond its own, and no statement but the question for its id (S10)', async () => {
  await using t = await setupBehindProxy(single)
  const unit = (id: number) =>
    t.engine.session(({ db }) => db.insertInto('notes').values(note(id)).execute())
  await unit(1)
  using recording = t.proxy.record()
  await unit(2)
  await t.engine.db.selectFrom('notes').select('id').execute()
  expect(recording.counts).toEqual({ flights: 3, roundTrips: 3, statements: 5 })
  expect(t.engine.stats()).toMatchObject({ opened: 1, closed: 0 })
})
