import { createTestDatabase, testPgBouncer } from '@aquifer/embedded'
import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { createEngine, Deadline, type Profile, presets } from '../src/index.ts'

const probe = await testPgBouncer(inject('databaseUrl'))
await probe?.stop()

/** An engine behind a PgBouncer that has two connections to the server. */
async function setup(
  profile: Partial<Profile> = {},
  { tls = false, limits = {} as Record<string, string> } = {},
) {
  const database = await createTestDatabase(inject('databaseUrl'))
  const bouncer = await testPgBouncer(inject('databaseUrl'), {
    defaultPoolSize: 2,
    tls,
    settings: { admin_users: new URL(inject('databaseUrl')).username, ...limits },
  })
  if (bouncer === undefined) throw new Error('there is no pgbouncer')
  const witness = new pg.Client(database.url)
  witness.on('error', () => {})
  await witness.connect()
  await witness.query('create table notes (id int primary key)')
  const url = bouncer.url(database.name)
  const trust = tls ? { tls: { ca: bouncer.ca ?? '' } } : {}
  const settings = {
    ...presets.api,
    ...trust,
    url,
    pooler: 'transaction',
    drainTimeoutMs: 500,
  } as const
  const engine = createEngine({
    profile: { ...settings, service: 'test', version: '0', ...profile },
  })
  return {
    engine,
    witness: async (text: string) => (await witness.query(text)).rows,
    /** Gives a command to the pooler itself. */
    command: async (text: string) => {
      const console = new pg.Client(bouncer.url('pgbouncer'))
      await console.connect()
      await console.query(text)
      await console.end()
    },
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await bouncer.stop()
      await witness.end()
      await database[Symbol.asyncDispose]()
    },
  }
}

type World = Awaited<ReturnType<typeof setup>>

const shown = (name: string) => sql<{ value: string }>`select current_setting(${name}) as value`
/** The server's other databases belong to other tests. */
const ADVISORY_LOCKS_HERE = `select from pg_locks
  join pg_database on pg_database.oid = pg_locks.database
  where locktype = 'advisory' and datname = current_database()`
const LIMITS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'] as const

describe.skipIf(!probe)('behind a pgbouncer in transaction mode', () => {
  test('the limits of the profile hold in each session and in nothing else', async () => {
    await using t = await setup()
    const limitsIn = async (db: typeof t.engine.db) => {
      const values = []
      for (const name of LIMITS) values.push((await shown(name).execute(db)).rows[0]?.value)
      return values
    }
    expect(await t.engine.session(({ db }) => limitsIn(db))).toEqual(['5s', '2s', '10s'])
    const inTransaction = t.engine.db.transaction().execute((trx) => limitsIn(trx as never))
    expect(await inTransaction).toEqual(['5s', '2s', '10s'])
    expect(await limitsIn(t.engine.db)).toEqual(['0', '0', '0'])
  })

  test('a limit of the server is left alone where the profile has none', async () => {
    await using t = await setup({ lockTimeoutMs: Number.POSITIVE_INFINITY })
    const values = await t.engine.session(
      async ({ db }) => (await shown('lock_timeout').execute(db)).rows,
    )
    expect(values).toEqual([{ value: '0' }])
  })

  test('statement_timeout ends a statement of a session, and the next session runs', async () => {
    await using t = await setup({ statementTimeoutMs: 150, lockTimeoutMs: 100 })
    const slow = t.engine.session(({ db }) => sql`select pg_sleep(60)`.execute(db))
    await expect(slow).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' })
    expect((await t.engine.session((session) => session.query('select 1 as one'))).rows).toEqual([
      { one: 1 },
    ])
  })

  test('a deadline that is nearer than the limits travels with BEGIN', async () => {
    await using t = await setup({ deadlineMs: 6_000 })
    const value = await t.engine.session(
      async ({ db }) => (await shown('statement_timeout').execute(db)).rows[0]?.value,
      { deadline: Deadline.after(3_000) },
    )
    expect(value).toMatch(/^([12]\d{3}ms|3s)$/)
  })

  test('many sessions share few server connections, each with what is its own', async () => {
    await using t = await setup({ size: 30, overflow: 0 })
    const pids = new Set<number>()
    const work = async (id: number) =>
      t.engine.session(async (session) => {
        await session.query("select set_config('test.mine', $1, true)", [String(id)])
        await session.query('insert into notes values ($1)', [id])
        const { rows } = await session.query<{ pid: number; mine: string }>(
          "select pg_backend_pid() as pid, current_setting('test.mine') as mine",
        )
        pids.add(rows[0]?.pid ?? 0)
        expect(rows[0]?.mine).toBe(String(id))
        if (id % 3 === 0) throw new Error('undone')
      })
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, (_, id) => work(id)))
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(20)
    expect(await t.witness('select from notes where id % 3 = 0')).toEqual([])
    expect(await t.witness('select from notes')).toHaveLength(40)
    expect(pids.size).toBeLessThanOrEqual(2)
    const { rows } = await sql`select current_setting('test.mine', true) as mine`.execute(
      t.engine.db,
    )
    expect([null, '']).toContain((rows[0] as { mine: string | null }).mine)
  })

  test('contexts stay apart although sessions share connections', async () => {
    await using t = await setup({ size: 30, overflow: 0 })
    const seen = async (db: typeof t.engine.db) =>
      (
        await sql<{
          tenant: string | null
        }>`select current_setting('app.tenant', true) as tenant`.execute(db)
      ).rows[0]?.tenant
    const tenants = Array.from({ length: 40 }, (_, n) => `tenant ${n}`)
    const found = await Promise.all(
      tenants.map((tenant) =>
        t.engine.session(async ({ db }) => [await seen(db), await seen(db)], {
          context: { tenant },
        }),
      ),
    )
    expect(found).toEqual(tenants.map((tenant) => [tenant, tenant]))
    const without = await Promise.all(tenants.map(() => t.engine.session(({ db }) => seen(db))))
    for (const tenant of without) expect([null, '']).toContain(tenant)
  })

  test('autocommit statements and streams, also one that is left early', async () => {
    await using t = await setup({ size: 1, overflow: 0 })
    await sql`insert into notes select generate_series(1, 500)`.execute(t.engine.db)
    const db = t.engine.db as unknown as Kysely<{ notes: { id: number } }>
    let sum = 0
    for await (const { id } of db.selectFrom('notes').select('id').stream(50)) sum += id
    expect(sum).toBe(125_250)
    for await (const _row of db.selectFrom('notes').select('id').stream(50)) break
    const read = () => db.selectFrom('notes').select('id').where('id', '=', 7).execute()
    expect(await read()).toEqual([{ id: 7 }])
    expect(await t.engine.session(read, { mode: 'autocommit' })).toEqual([{ id: 7 }])
  })

  test.each([
    "set work_mem = '1MB'",
    "select set_config('work_mem', '1MB', false)",
    'listen tides',
    'create temp table mine (id int)',
    'select pg_advisory_lock(1)',
    'prepare mine as select 1',
    'declare mine cursor with hold for select 1',
  ])('%s is refused and was not sent', async (text) => {
    await using t = await setup()
    const refused = { code: 'POOLER_SESSION_STATE', kind: 'usage' }
    await expect(sql.raw(text).execute(t.engine.db)).rejects.toMatchObject(refused)
    await expect(t.engine.session((session) => session.query(text))).rejects.toMatchObject(refused)
    await expect(t.engine.pool.query(text)).rejects.toMatchObject(refused)
    t.engine.pool.on('connect', (client) => {
      client.query(text).catch(() => {})
    })
    expect((await t.engine.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(await t.witness(ADVISORY_LOCKS_HERE)).toEqual([])
  })

  test('a pooler whose connections are all busy for a while is not taken for dead', async () => {
    await using t = await setup({ size: 3, overflow: 0, livenessAfterMs: 0 })
    const leases = await Promise.all([1, 2, 3].map(() => t.engine.acquire()))
    for (const lease of leases) lease.release()
    const busy = () => sql`select pg_sleep(1.5)`.execute(t.engine.db)
    const sleepers = [t.engine.session(busy), t.engine.session(busy)]
    const asleep = `select from pg_stat_activity where datname = current_database()
      and query like 'select pg_sleep(1.5)%' and state = 'active'`
    await expect.poll(() => t.witness(asleep), { interval: 5 }).toHaveLength(2)
    await sql`select 1`.execute(t.engine.db)
    await Promise.all(sleepers)
    expect(t.engine.stats()).toMatchObject({ total: 3, closed: 0 })
  })

  test('nothing is prepared, so that new connections of the pooler break nothing', async () => {
    await using t = await setup({ size: 1, overflow: 0 })
    const count = sql<{
      n: number
    }>`select count(*)::int as n from pg_prepared_statements where name like 'aquifer%'`
    const insert = (id: number) =>
      t.engine.session((session) => session.query('insert into notes values ($1)', [id]))
    for (let id = 0; id < 5; id += 1) {
      await insert(id)
      expect((await count.execute(t.engine.db)).rows).toEqual([{ n: 0 }])
    }
    await t.command('reconnect')
    for (let id = 5; id < 10; id += 1) await insert(id)
    expect(await t.witness('select from notes')).toHaveLength(10)
  })

  test.each(['signal', 'deadline', 'signal over TLS'] as const)(
    'a %s cancels through the pooler, and the connection lives on',
    async (by) => {
      const profile = { size: 1, overflow: 0, deadlineMs: 30_000 }
      await using t = await setup(profile, { tls: by === 'signal over TLS' })
      const pid = await t.engine.acquire().then((lease) => {
        lease.release()
        return lease.backendPid
      })
      const giveUp = new AbortController()
      const bounds =
        by === 'deadline' ? { deadline: Deadline.after(300) } : { signal: giveUp.signal }
      const running = t.engine.session((session) => session.query('select pg_sleep(60)'), {
        ...bounds,
        mode: 'autocommit',
      })
      const failed = expect(running).rejects.toMatchObject({
        code: by === 'deadline' ? 'DEADLINE_EXCEEDED' : 'CANCELLED',
      })
      const sleeping = () =>
        t.witness(
          "select from pg_stat_activity where datname = current_database() and state = 'active' and query like 'select pg_sleep%'",
        )
      if (by !== 'deadline') await expect.poll(sleeping).toHaveLength(1)
      giveUp.abort()
      await failed
      await expect.poll(sleeping).toHaveLength(0)
      await using lease = await t.engine.acquire()
      expect(lease.backendPid).toBe(pid)
    },
  )

  const meets = {
    client_idle_timeout: async () => {},
    query_wait_timeout: async ({ engine }: World) => {
      const holders = await Promise.all([engine.acquire(), engine.acquire()])
      for (const holder of holders) await holder.query('begin')
      const write = sql`insert into notes values (1)`.execute(engine.db)
      const notPassedOn = { code: 'CONNECTION_LOST', outcome: 'rolledBack', retryable: true }
      await expect(write).rejects.toMatchObject(notPassedOn)
      for (const holder of holders) await holder.query('commit')
      for (const holder of holders) holder.release()
    },
    query_timeout: async ({ engine }: World) =>
      expect(engine.pool.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '08P01' }),
    idle_transaction_timeout: async ({ engine }: World) => {
      await using lease = await engine.acquire()
      const lost = new Promise((resolve) => lease.onLost(resolve))
      await lease.query('begin')
      await lost
    },
  }

  test.each(Object.entries(meets))(
    'a connection that meets the %s of the pooler says nothing about the others',
    async (limit, meet) => {
      await using t = await setup({ size: 4, overflow: 0 }, { limits: { [limit]: '1' } })
      const closed: string[] = []
      t.engine.events.on('close', ({ reason }) => void closed.push(reason))
      const leases = await Promise.all([1, 2, 3, 4].map(() => t.engine.acquire()))
      for (const lease of leases) lease.release()
      await meet(t)
      const most = limit === 'client_idle_timeout' ? 4 : 1
      const expected = Array.from({ length: most }, () => 'lost')
      await expect.poll(() => closed, { timeout: 10_000 }).toEqual(expected)
      expect(t.engine.stats()).toMatchObject({ total: 4 - most, inUse: 0 })
    },
  )

  test('a client of the pool begins and ends transactions of its own', async () => {
    await using t = await setup()
    const client = await t.engine.pool.connect()
    await client.query('begin')
    await client.query("set local work_mem = '1MB'")
    await client.query('insert into notes values (1)')
    await client.query('commit')
    client.release()
    expect(await t.witness('select id from notes')).toEqual([{ id: 1 }])
  })
})
