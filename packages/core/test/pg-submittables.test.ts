import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { describe, expect, test } from 'vitest'
import { makers, pgWorld } from './pg-world.ts'

const NUMBERS = 'select n::int8 as n from generate_series(1, $1::int) n'
/** pg's own parser of int8 leaves it as text. */
const upTo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ n: String(from + at) }))

describe.each(makers)('%s', (_name, make) => {
  test('a cursor reads piece by piece and leaves the client usable', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const client = await t.pool.connect()
    const cursor = client.query(new Cursor(NUMBERS, [5]))
    expect(await cursor.read(2)).toEqual(upTo(1, 2))
    expect(await cursor.read(2)).toEqual(upTo(3, 4))
    expect(await cursor.read(2)).toEqual(upTo(5, 5))
    expect(await cursor.read(2)).toEqual([])
    await cursor.close()
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    client.release()
    expect((await t.pool.query('select 2 as n')).rows).toEqual([{ n: 2 }])
  })

  test('a cursor that is closed early, and one that fails, free the client', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const client = await t.pool.connect()
    const early = client.query(new Cursor(NUMBERS, [100_000]))
    await early.read(10)
    await early.close()
    const failing = client.query(new Cursor('select 1 / (n - 3) from generate_series(1, 9) n'))
    await expect(failing.read(9)).rejects.toMatchObject({ code: '22012' })
    await failing.close()
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    client.release()
  })

  test('a cursor takes row mode and types of its own', async () => {
    await using t = await pgWorld(make)
    const client = await t.pool.connect()
    const arrays = client.query(new Cursor(NUMBERS, [2], { rowMode: 'array' }))
    expect(await arrays.read(9)).toEqual([['1'], ['2']])
    await arrays.close()
    const types = { getTypeParser: () => Number } as unknown as pg.CustomTypesConfig
    const typed = client.query(new Cursor(NUMBERS, [2], { types }))
    expect(await typed.read(9)).toEqual([{ n: 1 }, { n: 2 }])
    await typed.close()
    client.release()
  })

  test('a query stream gives all rows, and one that is left early frees the client', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const client = await t.pool.connect()
    const rows: unknown[] = []
    for await (const row of client.query(new QueryStream(NUMBERS, [250], { batchSize: 40 })))
      rows.push(row)
    expect(rows).toEqual(upTo(1, 250))
    for await (const row of client.query(new QueryStream(NUMBERS, [100_000]))) {
      expect(row).toEqual({ n: '1' })
      break
    }
    const failing = client.query(new QueryStream('select nonsense'))
    await expect(failing.toArray()).rejects.toMatchObject({ code: '42703' })
    expect((await client.query('select 1 as n')).rows).toEqual([{ n: 1 }])
    client.release()
  })

  test('COPY goes in and out through streams', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const client = await t.pool.connect()
    const lines = Array.from({ length: 5_000 }, (_, at) => `${at + 10}\tfruit ${at}\t1\n`)
    const into = client.query(copyFrom('copy fruits from stdin'))
    await pipeline(Readable.from(lines), into)
    expect(into.rowCount).toBe(5_000)
    const out = client.query(
      copyTo('copy (select id from fruits where id < 12 order by id) to stdout'),
    )
    expect(await text(out)).toBe('1\n2\n10\n11\n')
    expect((await client.query('select count(*)::int as n from fruits')).rows).toEqual([
      { n: 5_002 },
    ])
    client.release()
  })

  test('a COPY that is refused, or whose source fails, leaves nothing and frees the client', async () => {
    await using t = await pgWorld(make, { max: 1 })
    const client = await t.pool.connect()
    const twice = pipeline(
      Readable.from(['7\tlemon\t1\n', '7\tlime\t1\n']),
      client.query(copyFrom('copy fruits from stdin')),
    )
    await expect(twice).rejects.toMatchObject({ code: '23505' })
    async function* broken() {
      yield '8\tlemon\t1\n'
      throw new Error('the source broke')
    }
    const failing = pipeline(
      Readable.from(broken()),
      client.query(copyFrom('copy fruits from stdin')),
    )
    await expect(failing).rejects.toThrow('the source broke')
    expect((await client.query('select count(*)::int as n from fruits')).rows).toEqual([{ n: 2 }])
    client.release()
  })

  test('a pg.Query is run, and its callback called', async () => {
    await using t = await pgWorld(make)
    const client = await t.pool.connect()
    const rows: unknown[] = []
    const query = client.query(new pg.Query('select n from generate_series(1, 3) n'))
    query.on('row', (row) => rows.push(row))
    await new Promise<void>((resolve, reject) =>
      query.on('end', () => resolve()).on('error', reject),
    )
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    const submit = client.query.bind(client) as unknown as (
      query: pg.Query,
      callback: (error: Error | null, result: pg.QueryResult) => void,
    ) => void
    const result = await new Promise<pg.QueryResult>((resolve, reject) =>
      submit(new pg.Query('select 4 as n'), (error, answer) =>
        error ? reject(error) : resolve(answer),
      ),
    )
    expect(result.rows).toEqual([{ n: 4 }])
    client.release()
  })
})
