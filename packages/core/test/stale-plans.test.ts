import { expect, test } from 'vitest'
import { setup } from './setup.ts'

const single = { size: 1, overflow: 0 } as const

/** What a function may do to fail as a prepared statement does whose plan is out of date. */
const likeness = {
  'a refusal of its own': "raise exception using errcode = '0A000', message = 'not here'",
  'a statement that is not prepared': "execute 'execute nowhere'",
  'a prepared statement out of date': "execute 'execute once'",
}

test.each(Object.entries(likeness))(
  'a function that has done something runs once, although it fails by %s',
  async (_how, failing) => {
    await using t = await setup(single)
    await using lease = await t.engine.acquire()
    await t.witness('create sequence tides')
    await t.witness(`create function rise(n int) returns int language plpgsql as
      $$ begin perform nextval('tides'); if n > 1 then ${failing}; end if; return n; end $$`)
    await lease.query('prepare once as select * from notes')
    await t.witness('alter table notes add column extra text')
    const rise = (n: number) => lease.query('select rise($1)', [n])
    await rise(1)
    await rise(1)
    await expect(rise(2)).rejects.toMatchObject({ kind: expect.any(String) })
    expect(await t.witness('select last_value::int from tides')).toEqual([{ last_value: 3 }])
  },
)

test('a plan out of date is noticed also if the server tells its parameters', async () => {
  await using t = await setup(single)
  await using lease = await t.engine.acquire()
  await lease.query('set log_parameter_max_length_on_error = -1')
  const read = (note: string) => lease.query('select * from notes where some_text = $1', [note])
  for (let n = 0; n < 2; n += 1) await read('high\ntide')
  await t.witness('alter table notes add column extra text')
  expect((await read('high\ntide')).rows).toEqual([])
})
