import { isAquiferError } from '../errors/aquifer-error.ts'
import { joinedPartFailed, Session, type SessionParts } from './session.ts'

/** Runs `fn` as a unit of its own: commits if it returns, rolls back if it throws, and runs the hooks of the end. */
export async function runUnit<DB, T>(
  parts: SessionParts<DB>,
  fn: (session: Session<DB>) => Promise<T>,
): Promise<T> {
  const { unit, ambient, core } = parts
  const session = new Session(parts)
  const runAfter = async (outcome: 'commit' | 'rollback') => {
    if (!session.hooks.hasAfter(outcome)) return
    const onError = (error: unknown) => core.pool.events.emit('hookFailed', { error })
    await ambient.leave(() => session.hooks.runAfter(outcome, onError))
  }

  let result: T
  try {
    result = await ambient.enter(session, async () => {
      const value = await fn(session)
      if (session.failedPart !== undefined) throw joinedPartFailed(session.failedPart.error)
      if (!session.endsInRollback) await session.hooks.runBeforeCommit()
      return value
    })
    if (!session.endsInRollback) await unit.commit()
  } catch (error) {
    await unit.rollback()
    // What nobody knows the outcome of is no rollback.
    if (!isAquiferError(error) || error.code !== 'COMMIT_OUTCOME_UNKNOWN')
      await runAfter('rollback')
    throw error
  }
  if (session.endsInRollback) await unit.rollback()
  await runAfter(session.endsInRollback ? 'rollback' : 'commit')
  return result
}
