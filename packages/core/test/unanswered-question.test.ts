import { expect, test } from 'vitest'
import { Deadline } from '../src/index.ts'
import { ids, note, setupBehindProxy, type World } from './setup.ts'

const insert = (db: World['engine']['db'], id: number) =>
  db.insertInto('notes').values(note(id)).execute()

const REFUSE = 'revoke execute on function pg_walfile_name(pg_lsn) from public'

/** A world whose engine is a role that owns nothing. */
async function setupPlainRole() {
  const role = `aquifer_plain_${crypto.randomUUID().slice(0, 8)}`
  const t = await setupBehindProxy({ size: 1, overflow: 0, role, preparedStatements: 0 })
  await t.witness(`create role ${role}`)
  await t.witness(`grant all on notes to ${role}`)
  return {
    ...t,
    [Symbol.asyncDispose]: async () => {
      await t.engine.close()
      await t.witness(`drop owned by ${role}`)
      await t.witness(`drop role ${role}`)
      await t[Symbol.asyncDispose]()
    },
  }
}

test('a role that may not ask for the id of its transaction writes all the same', async () => {
  await using t = await setupPlainRole()
  await t.witness(REFUSE)
  await t.engine.session(async (session) => {
    await insert(session.db, 1)
    await session.savepoint(({ db }) => insert(db, 2))
  })
  await t.engine.session(async ({ db }) => {
    await db.selectFrom('notes').select('id').execute()
    await insert(db, 3)
  })
  await t.engine.db.transaction().execute((trx) => insert(trx, 4))
  const undone = t.engine.session(async ({ db }) => {
    await insert(db, 5)
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  expect(await ids(t)).toEqual([1, 2, 3, 4])
})

test.each(['session', 'Kysely transaction'])(
  'the first refusal undoes nothing of a %s that has written before',
  async (kind) => {
    await using t = await setupPlainRole()
    await t.witness(REFUSE)
    const work = async (db: World['engine']['db']) => {
      await db.selectFrom('notes').select('id').execute()
      await insert(db, 1)
      await expect(insert(db, 1)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    }
    const unit =
      kind === 'session'
        ? t.engine.session(({ db }) => work(db))
        : t.engine.db.transaction().execute(work)
    await expect(unit).rejects.toMatchObject({
      code: 'COMMIT_ROLLED_BACK',
      cause: { code: 'UNIQUE_VIOLATION' },
    })
  },
)

test('a lost COMMIT of one who may not ask is of unknown outcome', async () => {
  await using t = await setupPlainRole()
  await t.witness(REFUSE)
  const commit = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
  const lost = () =>
    t.engine.session(async ({ db }) => {
      await insert(db, (await ids(t)).length + 1)
      t.proxy.when(commit, 'cut before')
    })
  const unknown = { code: 'COMMIT_OUTCOME_UNKNOWN', outcome: 'unknown' }
  await expect(lost()).rejects.toMatchObject(unknown)
  await expect(lost()).rejects.toMatchObject(unknown)
  expect(await ids(t)).toEqual([1, 2])
})

test('who may not ask for the outcome is told at once that it is unknown', async () => {
  await using t = await setupPlainRole()
  await t.witness('revoke execute on function pg_control_checkpoint() from public')
  const commit = { direction: 'toClient', message: 'CommandComplete', text: /COMMIT/ } as const
  const deadline = Deadline.after(7_000)
  const lost = t.engine.session(
    async ({ db }) => {
      await insert(db, 1)
      t.proxy.when(commit, 'cut before')
    },
    { deadline },
  )
  await expect(lost).rejects.toMatchObject({ code: 'COMMIT_OUTCOME_UNKNOWN' })
  expect(deadline.expired).toBe(false)
})

test('a question that is refused from now on fails one unit, and none after it', async () => {
  await using t = await setupPlainRole()
  await t.engine.session(({ db }) => insert(db, 1))
  await t.witness(REFUSE)
  await t.engine.session(({ db }) => insert(db, 2)).catch(() => {})
  await t.engine.session(({ db }) => insert(db, 3))
  await t.engine.session(({ db }) => insert(db, 4))
  expect(await ids(t)).toEqual([1, 3, 4])
})
