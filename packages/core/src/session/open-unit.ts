import { isAquiferError } from '../errors/aquifer-error.ts'
import type { UnitOutcome } from './hooks.ts'
import { joinedPartFailed, Session, type SessionParts } from './session.ts'

/** A unit of its own from its beginning to its end: the session that works in it, the hooks, and the outcome. */
export class OpenUnit<DB> {
  readonly session: Session<DB>
  readonly #parts: SessionParts<DB>

  constructor(parts: SessionParts<DB>) {
    this.#parts = parts
    this.session = new Session(parts)
  }

  /** Runs `fn` with the session around it. */
  enter<T>(fn: (session: Session<DB>) => Promise<T>): Promise<T> {
    return this.#parts.ambient.begin(this.session, () => fn(this.session))
  }

  /**
   * Ends the unit as its callback has asked: commits, or rolls back if it asked for that.
   *
   * @throws what forbids COMMIT, or its failure; the unit has ended then too
   */
  async finish(): Promise<void> {
    const { session } = this
    const { unit } = this.#parts
    try {
      // One that ends in a rollback anyway has nothing that a failed part forbids.
      if (!session.endsInRollback) {
        this.#assertPartsSucceeded()
        // A swallowed failure is what the caller has to hear of, not that of a hook behind it.
        const { promised } = session
        if (promised?.hasBefore === true && unit.firstError === undefined)
          await this.enter(() => promised.runBeforeCommit())
        // A hook may have asked for it.
        if (!session.endsInRollback) {
          this.#assertPartsSucceeded()
          await unit.commit()
        }
      }
    } catch (error) {
      await this.fail(error)
      throw error
    }
    if (session.endsInRollback) await unit.rollback()
    await this.#runAfter(session.endsInRollback ? 'rollback' : 'commit')
  }

  /** Rolls back because of `cause`. Never rejects. */
  async fail(cause: unknown): Promise<void> {
    await this.#parts.unit.rollback()
    const isUnknown = isAquiferError(cause) && cause.code === 'COMMIT_OUTCOME_UNKNOWN'
    await this.#runAfter(isUnknown ? 'unknown' : 'rollback')
  }

  #assertPartsSucceeded(): void {
    const { failedPart } = this.session
    if (failedPart !== undefined) throw joinedPartFailed(failedPart.error)
  }

  async #runAfter(outcome: UnitOutcome): Promise<void> {
    const { promised } = this.session
    if (promised?.hasAfter(outcome) !== true) return
    const { ambient, core } = this.#parts
    const onError = (error: unknown) => core.pool.events.emit('hookFailed', { error })
    await ambient.leave(() => promised.runAfter(outcome, onError))
  }
}

/** Runs `fn` as a unit of its own: commits if it returns, rolls back if it throws, and runs the hooks of the end. */
export async function runUnit<DB, T>(
  parts: SessionParts<DB>,
  fn: (session: Session<DB>) => Promise<T>,
): Promise<T> {
  const unit = new OpenUnit(parts)
  let result: T
  try {
    result = await unit.enter(fn)
  } catch (error) {
    await unit.fail(error)
    throw error
  }
  await unit.finish()
  return result
}
