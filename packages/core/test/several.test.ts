import { openFaultProxy } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { createEngine } from '../src/index.ts'
import { note, setup } from './setup.ts'

const script = 'begin; insert into runs values (1); commit'

test('a script that commits itself runs once, also on a connection that was silent', async () => {
  await using t = await setup({ size: 1, overflow: 0, livenessAfterMs: 0 })
  await t.witness('create table runs (n int)')
  await t.engine.pool.query('select 1')
  await t.engine.pool.query('begin; insert into runs values (1); select pg_sleep(1.5); commit')
  expect(await t.witness('select n from runs')).toHaveLength(1)
})

test('a script that may have committed itself is in doubt when its answer is lost', async () => {
  await using t = await setup()
  await t.witness('create table runs (n int)')
  await using proxy = await openFaultProxy({ target: t.url })
  await using engine = createEngine({ profile: { ...t.engine.profile, url: proxy.url } })
  await using lease = await engine.acquire()
  proxy.when({ direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ }, 'cut before')
  await expect(lease.query(script)).rejects.toMatchObject({ outcome: 'unknown', retryable: false })
})

test('COPY in a text of several statements shifts no answer to somebody else', async () => {
  await using t = await setup()
  await using proxy = await openFaultProxy({ target: t.url })
  const profile = { ...t.engine.profile, url: proxy.url, size: 1, overflow: 0 }
  await using engine = createEngine({ profile })
  await engine.pool.query('select 1')
  // Each message of the server arrives alone, as it may over a network.
  proxy.throttle(2_000, { direction: 'toClient' })
  const outcomes = [
    'copy notes from stdin; select 1 as n',
    ...[2, 3, 4].map((n) => `select ${n} as n`),
  ].map((text) =>
    engine.pool.query(text).then(
      ({ rows }) => rows,
      () => 'failed',
    ),
  )
  expect(await Promise.all(outcomes)).toEqual(['failed', [{ n: 2 }], [{ n: 3 }], [{ n: 4 }]])
})

test.each([2 ** 31, Number.POSITIVE_INFINITY, 0])(
  'a stream of %d rows at a time is refused',
  async (rows) => {
    await using t = await setup({ size: 1, overflow: 0 })
    const read = async () => {
      for await (const _ of t.engine.db.selectFrom('notes').selectAll().stream(rows));
    }
    await expect(read()).rejects.toMatchObject({ code: 'STREAM_CHUNK_SIZE' })
    await t.engine.db.insertInto('notes').values(note(1)).execute()
  },
)
