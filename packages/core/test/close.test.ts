import { openFaultProxy } from '@aquifer/embedded'
import { expect, test } from 'vitest'
import { createEngine, type Engine } from '../src/index.ts'
import { note, setup, type TestDatabaseTypes } from './setup.ts'

test.each([
  ['a COMMIT', { code: 'COMMIT_OUTCOME_UNKNOWN', outcome: 'unknown' }],
  ['a lone write', { code: 'POOL_CLOSED', outcome: 'unknown' }],
  ['a statement of a transaction', { code: 'POOL_CLOSED', outcome: 'rolledBack' }],
])('%s that is under way when close() cuts it fails honestly', async (what, expected) => {
  await using t = await setup()
  await using proxy = await openFaultProxy({ target: t.url })
  const profile = { ...t.engine.profile, url: proxy.url, drainTimeoutMs: 20 }
  await using engine = createEngine({ profile }) as unknown as Engine<TestDatabaseTypes>
  const tag = what === 'a COMMIT' ? /COMMIT/ : /INSERT/
  const reply = proxy.when({ direction: 'toClient', message: 'CommandComplete', text: tag }, 'hold')
  const write = (db: typeof engine.db) => db.insertInto('notes').values(note(1)).execute()
  const running = what === 'a lone write' ? write(engine.db) : engine.session(({ db }) => write(db))
  const failed = expect(running).rejects.toMatchObject(expected)
  await reply.fired
  await engine.close()
  await failed
})
