import type { Kysely } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { QueryResult } from '../pool/statement.ts'
import { OpenUnit } from './open-unit.ts'
import type { Session, SessionParts } from './session.ts'

/**
 * A unit of work that its holder ends: `commit()`, or a rollback at the end of the `await using` block. Made by
 * `engine.openSession`.
 *
 * It surrounds nothing by itself: `engine.db` takes part in it inside of `run`. Prefer `engine.session(fn)` where a callback will do.
 *
 * @see SQLAlchemy's Session used as a context manager, with an explicit commit
 */
export class SessionHandle<DB> implements AsyncDisposable {
  readonly #unit: OpenUnit<DB>
  #ended = false

  /** @internal */
  constructor(parts: SessionParts<DB>) {
    this.#unit = new OpenUnit(parts)
  }

  /** For hooks, savepoints and functions that take a session. */
  get session(): Session<DB> {
    return this.#unit.session
  }

  /** Kysely on the unit's connection. */
  get db(): Kysely<DB> {
    return this.session.db
  }

  /** Runs one statement as pg does: rows as objects, names as the server gives them. */
  query<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return this.session.query<Row>(text, values)
  }

  /** Runs `fn` with the session around it, as inside of `engine.session(fn)`; the unit stays open, and cannot be committed meanwhile. */
  run<T>(fn: (session: Session<DB>) => Promise<T>): Promise<T> {
    return this.session.unit.part(() => this.#unit.enter(fn))
  }

  /**
   * Commits. The unit has ended afterwards in every case.
   *
   * @throws as `engine.session` does at its end; {UsageError} `SESSION_CLOSED` if it has ended before
   */
  async commit(): Promise<void> {
    this.#end()
    await this.#unit.finish()
  }

  /** Rolls back. Does nothing if the unit has ended. */
  async rollback(): Promise<void> {
    if (this.#ended) return
    this.#end()
    await this.#unit.fail(undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rollback()
  }

  #end(): void {
    if (this.#ended) {
      throw new UsageError(
        'SESSION_CLOSED',
        'the unit has ended: commit() may be called once, and after rollback() there is nothing to commit',
      )
    }
    this.#ended = true
  }
}
