import { Deadline, isAquiferError, type Session } from '@aquifer/core'
import Cursor from 'pg-cursor'
import { expect, test } from 'vitest'
import { openSandbox, SandboxError } from '../src/index.ts'
import { ids, insert, type Notes, note, setup, sleeps } from './world.ts'

test('what a sandbox did is gone with it, and the pool is whole', async () => {
  await using t = await setup()
  {
    await using sandbox = await openSandbox(t.engine)
    await insert(sandbox.engine.db, 1)
    await sandbox.engine.session(async ({ db }) => insert(db, 2))

    expect(await ids(sandbox.engine)).toEqual([1, 2])
    expect(await ids(t.engine)).toEqual([])
  }
  expect(await ids(t.engine)).toEqual([])
  expect(t.engine.stats()).toMatchObject({ inUse: 0, closed: 0 })
})

test('fifty sandboxes at once on one database see their own rows alone', async () => {
  await using t = await setup()
  const seen = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      await using sandbox = await openSandbox(t.engine)
      await sandbox.engine.session(async ({ db }) => insert(db, n))
      await insert(sandbox.engine.db, 1_000 + n)
      return ids(sandbox.engine)
    }),
  )
  expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => [n, 1_000 + n]))
  expect(await ids(t.engine)).toEqual([])
  expect(t.engine.stats().inUse).toBe(0)
})

test('a nested throw undoes its own part alone', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await engine.session(async () => {
    await insert(engine.db, 1)
    const nested = engine.session(
      async () => {
        await insert(engine.db, 2)
        throw new Error('undo')
      },
      { propagation: 'nested' },
    )
    await expect(nested).rejects.toThrow('undo')
  })
  const failed = engine.session(async () => {
    await insert(engine.db, 3)
    throw new Error('undo')
  })
  await expect(failed).rejects.toThrow('undo')
  expect(await ids(engine)).toEqual([1])
})

test('a unit with propagation new outlives the rollback of nobody but its own', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await engine.session(async () => {
    await insert(engine.db, 1)
    await engine.session(async ({ db }) => insert(db, 2), { propagation: 'new' })
    const failed = engine.session(
      async ({ db }) => {
        await insert(db, 3)
        throw new Error('undo')
      },
      { propagation: 'new' },
    )
    await expect(failed).rejects.toThrow('undo')
    await insert(engine.db, 4)
  })
  expect(await ids(engine)).toEqual([1, 2, 4])
})

test('a statement that fails leaves the sandbox usable', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await insert(engine.db, 1)
  for (const mode of ['transaction', 'autocommit'] as const) {
    const again = engine.session(async ({ db }) => insert(db, 1), { mode })
    await expect(again).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
  }
  await expect(insert(engine.db, 1)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
  await expect(engine.pool.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' })
  await insert(engine.db, 2)
  expect(await ids(engine)).toEqual([1, 2])
})

test('sessions that run at the same time wait for each other', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const outcomes = await Promise.allSettled(
    [1, 2, 3, 4, 5, 6].map((id) =>
      engine.transaction(async () => {
        await insert(engine.db, id)
        await insert(engine.db, 10 + id)
        if (id % 2 === 0) throw new Error('undo')
      }),
    ),
  )
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ])
  expect(await ids(engine)).toEqual([1, 3, 5, 11, 13, 15])
})

test('hooks and buffers run at the end of the inner unit', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const told: string[] = []
  const unit = (outcome: 'commit' | 'rollback') =>
    engine.session(async (session) => {
      session.beforeCommit(() => void told.push('beforeCommit'))
      session.afterCommit(() => insert(engine.db, 9).then(() => void told.push('afterCommit')))
      session.afterRollback(() => void told.push('afterRollback'))
      session
        .buffer<string>(Symbol.for('test'), async (items) => void told.push(...items))
        .push('flushed')
      if (outcome === 'rollback') throw new Error('undo')
    })
  await unit('commit')
  await unit('rollback').catch(() => {})
  expect(told).toEqual(['beforeCommit', 'flushed', 'afterCommit', 'afterRollback'])
  expect(await ids(engine)).toEqual([9])
})

test('hooks of an inner unit run while the outer one is open', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await engine.session(async (outer) => {
    await insert(outer.db, 1)
    await engine.session(
      async (inner) => {
        await insert(inner.db, 2)
        inner.afterCommit(async () => {
          await insert(engine.db, 3)
        })
      },
      { propagation: 'new' },
    )
    expect(await ids(outer)).toEqual([1, 2, 3])
  })
})

test("Kysely's own transactions are savepoints", async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { db } = sandbox.engine
  await db.transaction().execute((trx) => insert(trx, 1))
  const failed = db.transaction().execute(async (trx) => {
    await insert(trx, 2)
    throw new Error('undo')
  })
  await expect(failed).rejects.toThrow('undo')
  const trx = await db.startTransaction().execute()
  await insert(trx, 3)
  const saved = await trx.savepoint('half').execute()
  await insert(saved, 4)
  await saved.rollbackToSavepoint('half').execute()
  await trx.commit().execute()
  expect(await ids(sandbox.engine)).toEqual([1, 3])
})

test('a deferred constraint is checked at the end of the unit', async () => {
  await using t = await setup()
  await t.engine.pool.query(
    'create table links (note_id integer references notes initially deferred, other_id integer references notes deferrable)',
  )
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const link = 'insert into links (note_id) values (1)'
  const early = engine.session((session) => session.query(link))
  await expect(early).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
  await expect(engine.pool.query(link)).rejects.toMatchObject({ code: '23503' })
  await engine.session(async (session) => {
    await session.query(link)
    await insert(session.db, 1)
  })
  const immediate = engine.session(async (session) => {
    await session.query('insert into links (other_id) values (2)')
  })
  await expect(immediate).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
  expect((await engine.pool.query('select * from links')).rows).toEqual([
    { note_id: 1, other_id: null },
  ])
})

test('streams are read to the end, whatever runs between their pieces', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await engine.db.insertInto('notes').values([1, 2, 3, 4, 5].map(note)).execute()
  const all = engine.db.selectFrom('notes').select('id').orderBy('id')
  for await (const { id } of all.stream(2)) await insert(engine.db, 10 + id)
  await engine.session(async ({ db }) => {
    const read: number[] = []
    for await (const { id } of db.selectFrom('notes').select('id').orderBy('id').stream(3)) {
      read.push(id)
      await engine.session(
        async (inner) => {
          await insert(inner.db, 100 + id)
          for await (const first of inner.db.selectFrom('notes').select('id').stream(1)) {
            expect(first).toBeDefined()
            break
          }
        },
        { propagation: 'new' },
      )
    }
    expect(read).toEqual([1, 2, 3, 4, 5, 11, 12, 13, 14, 15])
  })
  expect(await ids(engine)).toHaveLength(20)
})

test('the pool of a sandbox lends turns, and counts as every pool does', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const client = await engine.pool.connect()
  const lease = await engine.acquire()
  expect(engine.stats().inUse).toBe(2)
  expect((await client.query('begin')).command).toBe('BEGIN')
  await client.query('insert into notes values ($1, $2)', [1, 'one'])
  expect((await client.query('commit')).command).toBe('COMMIT')
  expect((await lease.query('select id from notes')).rows).toEqual([{ id: 1 }])
  client.release()
  lease.release()
  expect(await engine.health()).toMatchObject({ ok: true })
  expect((await engine.budget()).fits).toBe(true)
  expect(engine.stats()).toMatchObject({ inUse: 0, total: 2 })
  expect(t.engine.stats()).toMatchObject({ inUse: 1, total: 1 })
})

test('a lease that comes back in a transaction takes nothing with it but that', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await insert(engine.db, 1)
  const lease = await engine.acquire()
  await lease.query('begin')
  await lease.query("insert into notes values (2, 'two')")
  lease.release()
  expect(await ids(engine)).toEqual([1])
})

test('a statement that is given up dooms its unit and nothing else', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await insert(engine.db, 1)
  const controller = new AbortController()
  const running = engine.session(
    async (session) => {
      await insert(session.db, 2)
      await session.query('select pg_sleep(60)')
    },
    { signal: controller.signal },
  )
  await sleeps(t)
  controller.abort()
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  await insert(engine.db, 3)
  expect(await ids(engine)).toEqual([1, 3])
})

test('units that would wait for each other are told', async () => {
  await using t = await setup({ acquireTimeoutMs: 1_000 })
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const outerInside = engine.session(async (outer) => {
    await insert(outer.db, 1)
    await engine.session(
      async (inner) => {
        await insert(inner.db, 2)
        await insert(outer.db, 3)
      },
      { propagation: 'new' },
    )
  })
  await expect(outerInside).rejects.toMatchObject({ code: 'SANDBOX_BUSY' })
  const trx = await engine.db.startTransaction().execute()
  await insert(trx, 4)
  await expect(insert(engine.db, 5)).rejects.toMatchObject({ code: 'SANDBOX_BUSY' })
  await trx.rollback().execute()
  expect(await ids(engine)).toEqual([])
})

test.each([
  ['listen news', 'SANDBOX_NEEDS_COMMIT'],
  ["prepare transaction 'two'", 'SANDBOX_NEEDS_COMMIT'],
  ["rollback prepared 'two'", 'SANDBOX_NEEDS_COMMIT'],
  ['select 1; commit', 'SANDBOX_SEVERAL'],
])('%s is refused', async (text, code) => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  await using lease = await sandbox.engine.acquire()
  await expect(lease.query(text)).rejects.toMatchObject({ code })
  expect(await ids(sandbox.engine)).toEqual([])
})

test('several statements in one text bring all their answers', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const text = "insert into notes values (1, 'one'); select id from notes"
  expect(await sandbox.engine.pool.query(text)).toMatchObject([
    { rowCount: 1 },
    { rows: [{ id: 1 }] },
  ])
  await expect(sandbox.engine.pool.query(text)).rejects.toMatchObject({ code: '23505' })
  expect(await ids(sandbox.engine)).toEqual([1])
})

test('a read-only unit refuses to write, and the next one may again', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const failed = engine.session(async ({ db }) => insert(db, 1), { readOnly: true })
  await expect(failed).rejects.toSatisfy(
    (error) => isAquiferError(error) && error.sqlState === '25006',
  )
  await engine.session(async ({ db }) => insert(db, 2))
  expect(await ids(engine)).toEqual([2])
})

test('the end of a sandbox whose connection broke is an error', async () => {
  await using t = await setup()
  const sandbox = await openSandbox(t.engine)
  await insert(sandbox.engine.db, 1)
  await sandbox.engine.pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {})
  await expect(insert(sandbox.engine.db, 2)).rejects.toSatisfy(isAquiferError)
  await expect(sandbox[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'SANDBOX_LOST' })
  expect(t.engine.stats().inUse).toBe(0)
})

test('what SET LOCAL has set ends with its unit', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  const shown = async (asked: Pick<Session<Notes>, 'query'> = engine.pool) => {
    const text = `select current_setting('app.tenant', true) as tenant, current_setting('work_mem') as memory,
      current_setting('statement_timeout') as limit, current_user::text as role`
    return (await asked.query(text)).rows[0]
  }
  await engine.pool.query("select set_config($1, 'none', true)", ['app.tenant'])
  const before = await shown()
  await engine.session(
    async (session) => {
      await session.query("select set_config('app.tenant', $1, true)", ['a'])
      await engine.session((inner) => inner.query("set local work_mem = '1MB'"), {
        propagation: 'new',
      })
      await session.query('set local role pg_monitor')
      expect(await shown(session)).toMatchObject({
        tenant: 'a',
        memory: before?.memory,
        role: 'pg_monitor',
      })
    },
    { deadline: Deadline.after(1_000) },
  )
  expect(await shown()).toEqual(before)
  expect(before).toMatchObject({ tenant: '', limit: '5s' })
})

test('a cursor reads in a transaction of its client', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const { engine } = sandbox
  await engine.db.insertInto('notes').values([1, 2, 3].map(note)).execute()
  const client = await engine.pool.connect()
  expect(() => client.query(new Cursor('select id from notes'))).toThrow(SandboxError)
  await client.query('begin')
  const cursor = client.query(new Cursor('select id from notes order by id'))
  expect(await cursor.read(2)).toEqual([{ id: 1 }, { id: 2 }])
  await cursor.close()
  await client.query('rollback')
  client.release()
  expect(await ids(engine)).toEqual([1, 2, 3])
})
