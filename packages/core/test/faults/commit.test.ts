import { type FaultAction, type MessageMatch, temporaryServer } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { Deadline } from '../../src/index.ts'
import { engineOf, ids, note, type ProxiedWorld, setupBehindProxy } from '../setup.ts'
import { type Trial, trial } from './trial.ts'

/** COMMIT is sent as text each time, so that a rule can see it leave. */
const plain = { preparedStatements: 0 } as const

/** How COMMIT is lost, by what the server made of it. */
const losses: readonly (readonly [string, MessageMatch, FaultAction, boolean])[] = [
  [
    'never arrives',
    { direction: 'toServer', message: 'Parse', text: /^commit/i },
    'cut before',
    false,
  ],
  [
    'arrives in part',
    { direction: 'toServer', message: 'Parse', text: /^commit/i },
    'cut within',
    false,
  ],
  [
    'is not answered',
    { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ },
    'cut before',
    true,
  ],
  [
    'is answered in part',
    { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ },
    'cut after',
    true,
  ],
]

const units = {
  session: (t: ProxiedWorld, id: number, beforeCommit: () => void) =>
    t.engine.session(async ({ db }) => {
      await db.insertInto('notes').values(note(id)).execute()
      beforeCommit()
    }),
  kysely: (t: ProxiedWorld, id: number, beforeCommit: () => void) =>
    t.engine.db.transaction().execute(async (trx) => {
      await trx.insertInto('notes').values(note(id)).execute()
      beforeCommit()
    }),
}

/** Whether the caller was told what the table says: done, or not done and free to do it again. */
async function toldTheTruth(t: ProxiedWorld, row: Trial, id: number, unit: Promise<unknown>) {
  const told = await unit.then(
    () => 'committed',
    (error: { code: string; outcome: string; retryable: boolean }) =>
      error.code === 'COMMIT_LOST' && error.retryable ? error.outcome : error.code,
  )
  const done = (await ids(t)).includes(id)
  if (told !== (done ? 'committed' : 'rolledBack'))
    row.violation(`was told ${told}, and it ${done ? 'is' : 'is not'} there`)
}

test.each(['session', 'kysely'] as const)(
  'a %s whose COMMIT is cut is told what became of it (S6)',
  async (kind) => {
    await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
    await trial(`S6 ${kind}`, async (s6) => {
      for (const id of s6.times(12, 5_000)) {
        const [, match, action, applied] = losses[id % losses.length] as (typeof losses)[number]
        const unit = units[kind](t, id, () => void t.proxy.when(match, action))
        await toldTheTruth(t, s6, id, unit)
        await s6.outcome(
          ids(t).then((there) => there.includes(id)),
          applied,
        )
      }
    })
  },
)

test('a transaction that still runs when its COMMIT is lost is ended, and its unit was rolled back (S6)', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 4, overflow: 0 })
  await trial('S6 black hole', async (s6) => {
    for (const id of s6.times(2, 40)) {
      const commit = { direction: 'toServer', message: 'Parse', text: /^commit/i } as const
      const unit = t.engine.session(
        async ({ db }) => {
          await db.insertInto('notes').values(note(id)).execute()
          t.proxy.when(commit, 'blackHole before')
        },
        { deadline: Deadline.after(400) },
      )
      await toldTheTruth(t, s6, id, unit)
    }
  })
})

test('a declared unit whose COMMIT was lost is run again, and applied once (S6)', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  const attempts: number[] = []
  await t.engine.transaction(
    async ({ db, attempt }) => {
      attempts.push(attempt)
      await db.insertInto('notes').values(note(1)).execute()
      const commit = { direction: 'toServer', message: 'Parse', text: /^commit/i } as const
      if (attempt === 1) t.proxy.when(commit, 'cut before')
    },
    { retry: true },
  )
  expect(attempts).toEqual([1, 2])
  expect(await ids(t)).toEqual([1])
})

test('a COMMIT that is lost with the server has an unknown outcome', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  const commit = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
  const reply = t.proxy.when(commit, 'hold')
  const deadline = Deadline.after(1_500)
  const unit = t.engine.session(({ db }) => db.insertInto('notes').values(note(1)).execute(), {
    deadline,
  })
  const told = expect(unit).rejects.toMatchObject({
    code: 'COMMIT_OUTCOME_UNKNOWN',
    outcome: 'unknown',
  })
  await reply.fired
  t.proxy.refuse()
  t.proxy.cut()
  await told
})

test('a plain role may ask what became of its COMMIT', async () => {
  await using server = await temporaryServer()
  await using t = await setupBehindProxy({}, { serverUrl: server.url })
  await t.witness('create role plain login; grant all on notes to plain')
  const url = t.proxy.url.replace('postgres@', 'plain@')
  await using engine = engineOf({ url }, { ...plain, size: 1, overflow: 0 })
  for (const [id, [, match, action, applied]] of losses.entries()) {
    const unit = engine.session(async ({ db }) => {
      await db.insertInto('notes').values(note(id)).execute()
      t.proxy.when(match, action)
    })
    if (applied) await unit
    else await expect(unit).rejects.toMatchObject({ code: 'COMMIT_LOST' })
    expect((await ids(t)).includes(id)).toBe(applied)
  }
})

test('a lost COMMIT of a unit that has written nothing is no loss', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  t.proxy.when({ direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ }, 'cut before')
  const read = t.engine.session(({ db }) => db.selectFrom('notes').selectAll().execute())
  expect(await read).toEqual([])
})

test('a lost COMMIT of a notification alone has an unknown outcome', async () => {
  await using t = await setupBehindProxy({ ...plain, size: 1, overflow: 0 })
  t.proxy.when({ direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ }, 'cut before')
  const notify = t.engine.session((session) => session.query("select pg_notify('tides', 'high')"))
  await expect(notify).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' })
})
