import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { makers, pgWorld } from './pg-world.ts'

describe.each(makers)('%s', (_name, make) => {
  test('query() resolves with rows, count, command and fields', async () => {
    await using t = await pgWorld(make)
    const result = await t.pool.query('select id, name, weight from fruits where id = $1', [1])
    expect(result).toMatchObject({
      command: 'SELECT',
      rowCount: 1,
      oid: null,
      rows: [{ id: 1, name: 'apple', weight: '1.50' }],
    })
    expect(result.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
      ['id', 23],
      ['name', 25],
      ['weight', 1700],
    ])
  })

  test.each([
    ["insert into fruits values (3, 'pear', 2), (4, 'fig', 3)", 'INSERT', 2, 0],
    ['update fruits set weight = 2', 'UPDATE', 2, null],
    ['delete from fruits where id = 1', 'DELETE', 1, null],
    ['create table empty ()', 'CREATE', null, null],
    ['', null, null, null],
  ])('%s has its tag and its count', async (text, command, rowCount, oid) => {
    await using t = await pgWorld(make)
    expect(await t.pool.query(text)).toMatchObject({ command, rowCount, oid, rows: [], fields: [] })
  })

  test('a text of several statements resolves with a list of results', async () => {
    await using t = await pgWorld(make)
    const results = await t.pool.query('select 1 as a; update fruits set weight = 9; select 2 as b')
    expect(results).toMatchObject([
      { command: 'SELECT', rows: [{ a: 1 }] },
      { command: 'UPDATE', rowCount: 2, rows: [] },
      { command: 'SELECT', rows: [{ b: 2 }] },
    ])
  })

  test('a config object takes values, rowMode, name and types', async () => {
    await using t = await pgWorld(make)
    const text = 'select id, name from fruits where id = $1'
    expect((await t.pool.query({ text, values: [1], rowMode: 'array' })).rows).toEqual([
      [1, 'apple'],
    ])
    const named = { name: 'by id', text }
    for (const id of [1, 2]) {
      const { rows } = await t.pool.query({ ...named, values: [id] })
      expect(rows).toMatchObject([{ id }])
    }
    const types = { getTypeParser: () => (value: string) => `<${value}>` }
    const typed = await t.pool.query({ text, values: [2], types } as pg.QueryConfig)
    expect(typed.rows).toEqual([{ id: '<2>', name: '<plum>' }])
    expect((await t.pool.query({ text }, [2])).rows).toEqual([{ id: 2, name: 'plum' }])
  })

  test('values go out as pg converts them and come back as its parsers make them', async () => {
    await using t = await pgWorld(make)
    const at = new Date('2024-02-29T12:30:00.123Z')
    const values = [at, { a: [1] }, [1, 2, null], Buffer.from('ff00', 'hex'), 2n ** 60n, true, null]
    const { rows } = await t.pool.query(
      'select $1::timestamptz t, $2::jsonb j, $3::int[] i, $4::bytea b, $5::int8 n, $6::bool y, $7::text z, ' +
        "date '2024-02-29' d, interval '1 day 2 hours' v, point '(1,2)' p, 0.1::float8 f",
      values,
    )
    expect(rows).toEqual([
      {
        t: at,
        j: { a: [1] },
        i: [1, 2, null],
        b: Buffer.from('ff00', 'hex'),
        n: String(2n ** 60n),
        y: true,
        z: null,
        d: new Date(2024, 1, 29),
        v: expect.objectContaining({ days: 1, hours: 2 }),
        p: { x: 1, y: 2 },
        f: 0.1,
      },
    ])
  })

  test('a refusal is a DatabaseError with everything the server said', async () => {
    await using t = await pgWorld(make)
    const insert = t.pool.query("insert into fruits values (1, 'apple')")
    const error = await insert.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(pg.DatabaseError)
    expect(error).toMatchObject({
      code: '23505',
      severity: 'ERROR',
      detail: 'Key (id)=(1) already exists.',
      schema: 'public',
      table: 'fruits',
      constraint: 'fruits_pkey',
    })
    await expect(t.pool.query('select *\nfrom nowhere')).rejects.toMatchObject({
      code: '42P01',
      position: '15',
      message: 'relation "nowhere" does not exist',
    })
    await expect(t.pool.query('select 1; select 2', [1])).rejects.toMatchObject({ code: '42601' })
  })

  test('callbacks get what promises would have brought', async () => {
    await using t = await pgWorld(make)
    const rows = await new Promise((resolve, reject) => {
      t.pool.query('select $1::int as n', [7], (error, result) =>
        error ? reject(error) : resolve(result.rows),
      )
    })
    expect(rows).toEqual([{ n: 7 }])
    const refused = new Promise((resolve) => t.pool.query('select nonsense', resolve))
    expect(await refused).toMatchObject({ code: '42703' })
    const viaClient = await new Promise((resolve, reject) => {
      t.pool.connect((error, client, done) => {
        if (error || client === undefined) return reject(error)
        void client.query('select 8 as n', (_failure, result) => {
          done()
          resolve(result.rows)
        })
      })
    })
    expect(viaClient).toEqual([{ n: 8 }])
    await new Promise<void>((resolve) => t.pool.end(resolve))
    expect(t.pool.ended).toBe(true)
  })

  test('statements of one client run in the order they were given', async () => {
    await using t = await pgWorld(make)
    const client = await t.pool.connect()
    const results = await Promise.allSettled([
      client.query('begin'),
      client.query("insert into fruits values (5, 'kiwi')"),
      client.query('select nonsense'),
      client.query('commit'),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(await t.witness('select from fruits where id = 5')).toEqual([])
    client.release()
  })

  test('a client knows its process and the state of its transaction', async () => {
    await using t = await pgWorld(make)
    const client = (await t.pool.connect()) as pg.PoolClient & {
      processID: number
      getTransactionStatus(): string
    }
    const { rows } = await client.query('select pg_backend_pid() as pid')
    expect(rows).toEqual([{ pid: client.processID }])
    const states = []
    // pg rejects before the server has told the state, so that a second refusal has to show it.
    for (const text of ['select 1', 'begin', 'select nonsense', 'select 1', 'rollback']) {
      await client.query(text).catch(() => {})
      states.push(client.getTransactionStatus())
    }
    expect(states.toSpliced(2, 1)).toEqual(['I', 'T', 'E', 'I'])
    client.release()
  })

  test('names and literals are escaped', async () => {
    await using t = await pgWorld(make)
    const client = await t.pool.connect()
    const name = client.escapeIdentifier('odd "name"')
    const literal = client.escapeLiteral("it's a \\ text")
    const { rows } = await client.query(`select ${literal} as ${name}`)
    expect(rows).toEqual([{ 'odd "name"': "it's a \\ text" }])
    client.release()
  })

  test('notifications and notices reach the client', async () => {
    await using t = await pgWorld(make)
    const client = await t.pool.connect()
    await client.query('listen ripe')
    const heard = new Promise((resolve) => client.once('notification', resolve))
    const told = new Promise((resolve) => client.once('notice', resolve))
    await client.query("do $$ begin raise notice 'look: %', 1 using hint = 'there'; end $$")
    await t.witness("select pg_notify('ripe', 'plums')")
    expect(await heard).toMatchObject({ channel: 'ripe', payload: 'plums' })
    expect(await told).toMatchObject({ severity: 'NOTICE', message: 'look: 1', hint: 'there' })
    client.release(true)
  })

  test('release() twice throws, and release(error) closes the connection', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const client = await t.pool.connect()
    client.release(new Error('something is wrong with it'))
    expect(() => client.release()).toThrow(/already been released/)
    await expect.poll(() => t.pool.totalCount).toBe(0)
    expect((await t.pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  test('the counts tell who is idle and who waits', async () => {
    await using t = await pgWorld(make, { max: 2 })
    const clients = [await t.pool.connect(), await t.pool.connect()]
    const waiting = t.pool.query('select 1')
    expect(t.pool).toMatchObject({ totalCount: 2, idleCount: 0, waitingCount: 1 })
    for (const client of clients) client.release()
    await waiting
    await expect.poll(() => t.pool.idleCount).toBe(2)
    expect(t.pool).toMatchObject({ totalCount: 2, waitingCount: 0 })
  })

  test('ending and ended follow end(); afterwards nothing is lent, and a second end() is refused', async () => {
    await using t = await pgWorld(make)
    await t.pool.query('select 1')
    const ended = t.pool.end()
    expect(t.pool.ending).toBe(true)
    await ended
    expect(t.pool).toMatchObject({ ended: true, totalCount: 0 })
    await expect(t.pool.connect()).rejects.toThrow()
    await expect(t.pool.query('select 1')).rejects.toThrow()
    await expect(t.pool.end()).rejects.toThrow('Called end on pool more than once')
  })
})
