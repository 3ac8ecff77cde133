import type { Engine, Session } from '@aquifer/core'
import fc from 'fast-check'
import { expect, inject, test } from 'vitest'
import { openSandbox, openTestDatabase } from '../src/index.ts'
import { engineOver, insert, type Notes } from './world.ts'

/** What a program does, one thing after the other. */
type Step =
  | { readonly do: 'insert' | 'update' | 'delete'; readonly id: number }
  | { readonly do: 'refused'; readonly id: number }
  | { readonly do: 'unit'; readonly how: How; readonly ends: Ends; readonly steps: readonly Step[] }

type How = 'session' | 'transaction' | 'autocommit' | 'nested' | 'new' | 'kysely' | 'savepoint'
/** `swallows` lets a refusal of its own go by. */
type Ends = 'returns' | 'throws' | 'rollsBackOnly'

const id = fc.integer({ min: 1, max: 6 })
const { step } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 3, depthSize: 'large' },
    fc.record({
      do: fc.constantFrom('insert', 'update', 'delete', 'refused'),
      id,
    }) as fc.Arbitrary<Step>,
    fc.record({
      do: fc.constant('unit' as const),
      how: fc.constantFrom<How>(
        'session',
        'transaction',
        'autocommit',
        'nested',
        'new',
        'kysely',
        'savepoint',
      ),
      ends: fc.constantFrom<Ends>('returns', 'returns', 'throws', 'rollsBackOnly'),
      steps: fc.array(tie('step'), { maxLength: 4 }),
    }),
  ),
}))

class Planned extends Error {}

/** Runs a program; what it tells is what its caller could see besides rows: outcomes and hooks, in order. */
class Run {
  readonly told: string[] = []
  readonly #engine: Engine<Notes>

  constructor(engine: Engine<Notes>) {
    this.#engine = engine
  }

  async steps(steps: readonly Step[], inTransaction: boolean): Promise<void> {
    for (const step of steps) {
      const done = step.do === 'unit' ? this.#unit(step, inTransaction) : this.#statement(step)
      const outcome = await done.then(
        () => 'done',
        (error) => error,
      )
      this.told.push(`${step.do}: ${outcome instanceof Error ? nameOf(outcome) : outcome}`)
      // A statement that failed in a transaction has doomed it; whoever goes on is told so.
      if (outcome instanceof Error && step.do !== 'unit' && inTransaction) throw outcome
    }
  }

  async #statement(step: Exclude<Step, { do: 'unit' }>): Promise<void> {
    const { db } = this.#engine
    if (step.do === 'insert') await insert(db, step.id)
    else if (step.do === 'delete') await db.deleteFrom('notes').where('id', '=', step.id).execute()
    else {
      // A row that is not there twice, or a text that may not be missing.
      const someText = step.do === 'refused' ? (null as never) : `changed ${step.id}`
      await db.updateTable('notes').set({ someText }).where('id', '=', step.id).execute()
    }
  }

  async #unit(unit: Extract<Step, { do: 'unit' }>, inTransaction: boolean): Promise<void> {
    const { how, ends, steps } = unit
    const body = async (session?: Session<Notes>) => {
      if (session?.mode === 'transaction') {
        session.beforeCommit(() => void this.told.push('beforeCommit'))
        session.afterCommit(() => void this.told.push('afterCommit'))
        session.afterRollback(() => void this.told.push('afterRollback'))
        if (ends === 'rollsBackOnly') session.rollbackOnly()
      }
      await this.steps(steps, session === undefined ? false : session.mode === 'transaction')
      if (ends === 'throws') throw new Planned('planned')
    }
    const engine = this.#engine
    const current = engine.currentSession()
    if (how === 'transaction') await engine.transaction(body)
    else if (how === 'nested') await engine.session(body, { propagation: 'nested' })
    else if (how === 'new' && !inTransaction) await engine.session(body, { propagation: 'new' })
    else if (how === 'autocommit') await engine.session(body, { mode: 'autocommit' })
    else if (how === 'kysely' && current === undefined) await this.#kysely(unit)
    else if (how === 'savepoint' && current?.mode === 'transaction') await current.savepoint(body)
    else await engine.session(body)
  }

  async #kysely({ ends, steps }: Extract<Step, { do: 'unit' }>): Promise<void> {
    await this.#engine.db.transaction().execute(async (trx) => {
      for (const step of steps) if (step.do === 'insert') await insert(trx, step.id)
      if (ends === 'throws') throw new Planned('planned')
    })
  }

  rows(): Promise<unknown[]> {
    return this.#engine.db.selectFrom('notes').selectAll().orderBy('id').execute()
  }
}

function nameOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name
}

async function told(engine: Engine<Notes>, program: readonly Step[]) {
  const run = new Run(engine)
  await run.steps(program, false)
  return { told: run.told, rows: await run.rows() }
}

test('a program does the same in a sandbox and on a database of its own', async () => {
  const serverUrl = inject('databaseUrl')
  const prepare = async (url: string) => {
    await using engine = engineOver(url)
    await engine.pool.query('create table notes (id integer primary key, some_text text not null)')
    await insert(engine.db, 1)
  }
  await using database = await openTestDatabase({ serverUrl, name: 'same-as-ever', prepare })
  await using own = engineOver(database.url)
  await using shared = engineOver(serverUrl)
  await using copy = await openTestDatabase({ serverUrl, name: 'same-as-ever', prepare })
  await using below = engineOver(copy.url)
  await shared.close()

  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 5 }),
    async (program) => {
      await own.pool.query("truncate notes; insert into notes values (1, 'note 1')")
      const expected = await told(own, program)
      await using sandbox = await openSandbox(below)
      expect(await told(sandbox.engine, program)).toEqual(expected)
    },
  )
  // The seed and the smallest program stand in the message of a failure.
  await fc.assert(property, { numRuns: 200, endOnFailure: false })
})
