import { TransactionError } from '../errors/transaction-error.ts'
import type { Hooks } from './hooks.ts'
import type { SessionUnit } from './session-unit.ts'

/** The unit that gets a savepoint, and the hooks on both sides of it. */
export interface SavepointParts {
  readonly unit: SessionUnit
  readonly outer: Hooks
  readonly inner: Hooks
}

/** Runs `body` in a savepoint: what it did is undone if it throws, and its hooks become the outer ones if it returns. */
export async function runSavepoint<T>(parts: SavepointParts, body: () => Promise<T>): Promise<T> {
  const { unit, outer, inner } = parts
  const name = `aquifer_${unit.nextSavepoint()}`
  await unit.run({ text: `savepoint ${name}` })
  let result: T
  try {
    result = await body()
    if (unit.firstError !== undefined) throw swallowed(unit.firstError)
  } catch (error) {
    await rollBackTo(unit, name)
    outer.absorbUndone(inner)
    throw error
  }
  try {
    await unit.run({ text: `release savepoint ${name}` })
  } catch (error) {
    // The caller is told that it failed, so that what it did must not stay.
    unit.firstError ??= error
    throw error
  }
  outer.absorb(inner)
  return result
}

/** If this fails too the unit is doomed, and the first error is what the caller needs to see. */
async function rollBackTo(unit: SessionUnit, name: string): Promise<void> {
  try {
    await unit.run({ text: `rollback to savepoint ${name}` })
  } catch (error) {
    unit.firstError ??= error
  }
}

function swallowed(cause: unknown): TransactionError {
  return new TransactionError(
    'TRANSACTION_ABORTED',
    'the savepoint was rolled back: one of its statements had failed and its error was swallowed. Its error is the cause',
    { cause },
  )
}
