import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import type { Contender, Workload } from '../contender.ts'
import type { BenchDatabase } from '../models.ts'
import type { Peers } from '../peers.ts'
import { ACCOUNTS, fillAccounts } from '../schema.ts'

const TAKE = 'update accounts set balance = balance - $1 where id = $2 returning balance'
const GIVE = 'update accounts set balance = balance + $1 where id = $2 returning balance'
const NOTE = 'insert into transfers (from_id, to_id, amount) values ($1, $2, $3)'

const AMOUNT = 1

/** Two neighbours, the lower one first: operations side by side neither wait for each other nor lock in circles. */
function partiesOf(index: number): readonly [from: number, to: number] {
  const from = ((index * 7_919) % (ACCOUNTS / 2)) * 2 + 1
  return [from, from + 1]
}

/** Money from one account to another: two updates and an insert between BEGIN and COMMIT. */
export function transfer(peers: Peers): Workload {
  const { pool, postgres: sql, kysely, engine } = peers
  return {
    name: 'transfer',
    concurrency: [1, 16],
    contenders: [
      byHand(pool, 'pg', (_, text) => ({ text })),
      byHand(pool, 'pg-named', (name, text) => ({ name, text })),
      {
        name: 'postgres.js',
        run: (index) =>
          sql.begin(async (tx) => {
            const [from, to] = partiesOf(index)
            const [taken] =
              await tx`update accounts set balance = balance - ${AMOUNT} where id = ${from} returning balance`
            const [given] =
              await tx`update accounts set balance = balance + ${AMOUNT} where id = ${to} returning balance`
            await tx`insert into transfers (from_id, to_id, amount) values (${from}, ${to}, ${AMOUNT})`
            return [taken?.balance, given?.balance]
          }),
      },
      {
        name: 'kysely',
        run: (index) => kysely.transaction().execute((tx) => move(tx, index)),
      },
      { name: 'aquifer', run: (index) => engine.transaction((session) => move(session.db, index)) },
      {
        name: 'aquifer-together',
        run: (index) => engine.transaction((session) => moveTogether(session.db, index)),
      },
    ],
    reset: () => fillAccounts(pool),
  }
}

/** The same over a link where every flight takes its time. */
export function transferFar(peers: Peers): Workload {
  return { ...transfer(peers), name: 'transfer, far', concurrency: [1] }
}

function byHand(
  pool: Pool,
  name: string,
  statement: (name: string, text: string) => { name?: string; text: string },
): Contender {
  const take = statement('take', TAKE)
  const give = statement('give', GIVE)
  const note = statement('note', NOTE)
  return {
    name,
    run: async (index) => {
      const [from, to] = partiesOf(index)
      const client = await pool.connect()
      try {
        await client.query('begin')
        const taken = await client.query({ ...take, values: [AMOUNT, from] })
        const given = await client.query({ ...give, values: [AMOUNT, to] })
        await client.query({ ...note, values: [from, to, AMOUNT] })
        await client.query('commit')
        return [taken.rows[0].balance, given.rows[0].balance]
      } catch (error) {
        await client.query('rollback')
        throw error
      } finally {
        client.release()
      }
    },
  }
}

async function move(db: Kysely<BenchDatabase>, index: number): Promise<unknown> {
  const [taken, given, note] = movesOf(db, index)
  const { balance: left } = await taken.executeTakeFirstOrThrow()
  const { balance: right } = await given.executeTakeFirstOrThrow()
  await note.execute()
  return [left, right]
}

/** The statements do not need one another's answers: issued in one breath they travel in one flight. */
async function moveTogether(db: Kysely<BenchDatabase>, index: number): Promise<unknown> {
  const [taken, given, note] = movesOf(db, index)
  const [left, right] = await Promise.all([
    taken.executeTakeFirstOrThrow(),
    given.executeTakeFirstOrThrow(),
    note.execute(),
  ])
  return [left.balance, right.balance]
}

function movesOf(db: Kysely<BenchDatabase>, index: number) {
  const [from, to] = partiesOf(index)
  const change = (id: number, by: '+' | '-') =>
    db
      .updateTable('accounts')
      .set(({ eb }) => ({ balance: eb('balance', by, AMOUNT) }))
      .where('id', '=', id)
      .returning('balance')
  const note = db.insertInto('transfers').values({ fromId: from, toId: to, amount: AMOUNT })
  return [change(from, '-'), change(to, '+'), note] as const
}
