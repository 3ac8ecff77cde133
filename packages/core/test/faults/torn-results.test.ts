import type { FaultAction } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { Deadline } from '../../src/index.ts'
import { setupBehindProxy } from '../setup.ts'
import { trial } from './trial.ts'

const ROWS = 2_000

const actions: FaultAction[] = [
  'cut before',
  'cut within',
  'cut after',
  'halfClose before',
  'halfClose within',
  'halfClose after',
  'garbage before',
  'garbage after',
  'blackHole within',
]

const noResult = expect.objectContaining({
  code: expect.stringMatching(/CONNECTION_LOST|DEADLINE_EXCEEDED/),
})

const whole = expect.objectContaining({ length: ROWS })

/** A reset may throw away all that had arrived; then nothing of it was seen, and the read runs again on another connection. */
const noneOrWhole = {
  asymmetricMatch: (got: unknown) =>
    Array.isArray(got) ? got.length === ROWS : noResult.asymmetricMatch(got),
}

test('a result that is torn at any row is an error, never a shorter result, and the next one is whole (C13)', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  await t.witness(
    `insert into notes select n, repeat('x', 50 + n % 50), n from generate_series(1, ${ROWS}) n`,
  )
  const all = (deadlineMs = 8_000) =>
    t.engine.session(({ db }) => db.selectFrom('notes').selectAll().execute(), {
      mode: 'autocommit',
      deadline: Deadline.after(deadlineMs),
    })
  await trial('C13', async (c13) => {
    for (const n of c13.times(actions.length * 3, 600)) {
      const action = actions[n % actions.length] as FaultAction
      const nth = c13.between(2, ROWS - 1)
      const rule = t.proxy.when({ direction: 'toClient', message: 'DataRow', nth }, action)
      const limitMs = action.startsWith('blackHole') ? 200 : 8_000
      await c13.outcome(
        c13.timed(() => all(limitMs)),
        action.startsWith('cut') ? noneOrWhole : noResult,
      )
      rule.cancel()
      await c13.outcome(all(), whole)
    }
  })
})

test('bytes of any kind in the middle of a result are an error, never a shorter result (C13)', async () => {
  await using t = await setupBehindProxy({ size: 5, overflow: 20 })
  await t.witness(
    `insert into notes select n, repeat('x', 50 + n % 50), n from generate_series(1, ${ROWS}) n`,
  )
  await trial('C13 noise', async (c13) => {
    for (const _ of c13.times(12, 300)) {
      const nth = c13.between(2, ROWS - 1)
      const hold = t.proxy.when({ direction: 'toClient', message: 'DataRow', nth }, 'hold')
      const read = t.engine.session(({ db }) => db.selectFrom('notes').selectAll().execute(), {
        mode: 'autocommit',
        deadline: Deadline.after(200),
      })
      const ended = c13.outcome(
        c13.timed(() => read),
        noResult,
      )
      await hold.fired
      // From 0x80 on there is no type of message, so that luck can make none that is valid.
      const noise = Uint8Array.from({ length: c13.between(1, 64) }, () => c13.between(128, 255))
      t.proxy.garbage(noise)
      hold.release()
      await ended
      await c13.outcome(t.engine.db.selectFrom('notes').selectAll().execute(), whole)
    }
  })
})

test('a stream that is torn between or inside its pieces throws, after the rows that were whole (C13)', async () => {
  await using t = await setupBehindProxy({ size: 1, overflow: 0 })
  await t.witness(
    `insert into notes select n, repeat('x', 50 + n % 50), n from generate_series(1, ${ROWS}) n`,
  )
  await trial('C13 stream', async (c13) => {
    for (const n of c13.times(8, 300)) {
      const action = actions[n % 8] as FaultAction
      const nth = c13.between(2, ROWS - 1)
      const rule = t.proxy.when({ direction: 'toClient', message: 'DataRow', nth }, action)
      const seen: number[] = []
      const read = async () => {
        const rows = t.engine.db.selectFrom('notes').select('id').orderBy('id').stream(100)
        for await (const { id } of rows) seen.push(id)
      }
      await c13.outcome(read(), noResult)
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, at) => at + 1))
      expect(seen.length).toBeLessThan(nth + 1)
      rule.cancel()
      await expect.poll(() => t.engine.stats().inUse).toBe(0)
    }
  })
})
