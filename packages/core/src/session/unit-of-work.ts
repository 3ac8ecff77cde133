import { outcomeUnknown } from '../engine/leased-connection.ts'
import { isAquiferError } from '../errors/aquifer-error.ts'
import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Statement, StatementResult } from '../pool/backend.ts'
import type { Lease } from '../pool/lease.ts'
import type { Pool } from '../pool/pool.ts'
import { Deadline } from '../time/deadline.ts'
import { beginStatement, type SessionOptions } from './options.ts'

const ROLLBACK_LIMIT_MS = 1_000
const UNDO = /^\s*rollback\s+to\b/i
const TRANSACTION_CONTROL =
  /^\s*(begin|start\s+transaction|commit|end|abort|rollback(?!\s+to\b)|prepare\s+transaction)\b/i

/**
 * One unit of work on at most one lease, taken when the first statement needs it. Statements run one
 * at a time in the order they were issued; the first failure is kept and named as the cause of those behind it.
 */
export class UnitOfWork {
  readonly mode: 'transaction' | 'autocommit'
  readonly deadline: Deadline
  readonly options: SessionOptions
  /** The first failure of a statement, until a savepoint that contains it is rolled back. */
  firstError: unknown
  readonly #pool: Pool
  #lease: Lease | undefined
  #tail: Promise<void> = Promise.resolve()
  #pending = 0
  #streaming = false
  #savepoints = 0
  #parts = 0
  #state: 'open' | 'ending' | 'ended' = 'open'

  constructor(pool: Pool, options: SessionOptions, deadline: Deadline) {
    this.#pool = pool
    this.mode = options.mode ?? 'transaction'
    this.options = options
    this.deadline = deadline
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  /** Statements that were issued and have not been answered. */
  get pending(): number {
    return this.#pending
  }

  /** A number that no other savepoint of the unit has. */
  nextSavepoint(): number {
    this.#savepoints += 1
    return this.#savepoints
  }

  /** Runs a part of the unit, a savepoint or a joined session, that has to end before the unit does. */
  async part<T>(run: () => Promise<T>): Promise<T> {
    this.#parts += 1
    try {
      return await run()
    } finally {
      this.#parts -= 1
    }
  }

  /** Sends one statement when its turn comes; the first one of a transaction is preceded by BEGIN. */
  async run(statement: Statement, signal?: AbortSignal): Promise<StatementResult> {
    this.#assertOpen()
    if (this.#streaming) throw streamOpen()
    if (TRANSACTION_CONTROL.test(statement.text)) throw transactionControl()
    return this.#inTurn(() => this.#send(statement, signal))
  }

  /** Runs `body`, a stream's statements, while every other statement of the unit is refused. */
  async *exclusively<T>(
    body: (run: UnitOfWork['run']) => AsyncIterableIterator<T>,
  ): AsyncIterableIterator<T> {
    this.#assertOpen()
    if (this.#streaming) throw streamOpen()
    this.#streaming = true
    try {
      yield* body((statement, signal) => this.#inTurn(() => this.#send(statement, signal)))
    } finally {
      this.#streaming = false
    }
  }

  /**
   * Commits, if there is anything to commit.
   *
   * @throws {TransactionError} `UNAWAITED_WORK`, `COMMIT_ROLLED_BACK` or `COMMIT_OUTCOME_UNKNOWN`; or the refusal of a
   *   deferred constraint. Afterwards the unit has ended in every case
   */
  async commit(): Promise<void> {
    if (this.#pending > 0 || this.#parts > 0 || this.#streaming) {
      const unawaited = unawaitedWork(this.#pending)
      await this.rollback()
      throw unawaited
    }
    if (this.firstError !== undefined) {
      const swallowed = this.firstError
      await this.rollback()
      throw rolledBackInstead(swallowed)
    }
    this.#state = 'ending'
    const lease = this.#lease
    try {
      if (lease !== undefined) await this.#sendCommit(lease)
    } finally {
      this.#state = 'ended'
      lease?.release()
    }
  }

  /** Rolls back and gives the lease back. Never rejects: if ROLLBACK fails the connection is destroyed, which rolls back too. */
  async rollback(): Promise<void> {
    this.#state = 'ending'
    await this.#tail
    this.#state = 'ended'
    const lease = this.#lease
    if (lease === undefined) return
    try {
      if (lease.usable && lease.transactionStatus !== 'I') {
        await lease.run({ text: 'rollback' }, { deadline: Deadline.after(ROLLBACK_LIMIT_MS) })
      }
      lease.release()
    } catch {
      lease.release('destroy')
    }
  }

  async #inTurn(send: () => Promise<StatementResult>): Promise<StatementResult> {
    const before = this.#tail
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#tail = promise
    this.#pending += 1
    try {
      await before
      return await send()
    } finally {
      this.#pending -= 1
      resolve()
    }
  }

  async #send(statement: Statement, signal: AbortSignal | undefined): Promise<StatementResult> {
    this.#assertOpen()
    const bounds = { deadline: this.deadline, signal: anySignal(this.options.signal, signal) }
    if (this.mode === 'autocommit') {
      await using lease = await this.#pool.acquire(bounds)
      return await lease.run(statement, bounds)
    }
    const undo = UNDO.test(statement.text)
    if (!undo) this.#assertNotFailed()
    try {
      const lease = this.#lease ?? (await this.#begin(bounds))
      const result = await lease.run(statement, bounds)
      if (lease.transactionStatus === 'I') throw transactionControl()
      if (undo) this.firstError = undefined
      return result
    } catch (error) {
      this.firstError ??= error
      throw error
    }
  }

  async #begin(bounds: { deadline: Deadline; signal: AbortSignal | undefined }): Promise<Lease> {
    const lease = await this.#pool.acquire(bounds)
    try {
      await lease.run({ text: beginStatement(this.options) }, bounds)
    } catch (error) {
      lease.release('destroy')
      throw error
    }
    this.#lease = lease
    return lease
  }

  async #sendCommit(lease: Lease): Promise<void> {
    if (this.options.signal?.aborted === true) {
      throw new CancelledError(
        'the caller gave up before COMMIT was sent; the unit was rolled back',
      )
    }
    if (this.deadline.expired) {
      throw new TimeoutError(
        'DEADLINE_EXCEEDED',
        'the deadline passed before COMMIT was sent; the unit was rolled back',
      )
    }
    try {
      const { command } = await lease.run({ text: 'commit' }, { deadline: this.deadline })
      if (command === 'ROLLBACK') throw rolledBackInstead(this.firstError)
    } catch (error) {
      if (isAquiferError(error) && error.outcome === 'unknown') throw outcomeUnknown(error)
      throw error
    }
  }

  #assertOpen(): void {
    if (this.#state !== 'open') {
      throw new UsageError(
        'SESSION_CLOSED',
        'the session has ended: await every statement before the callback returns, and use no session outside of its callback',
      )
    }
  }

  #assertNotFailed(): void {
    if (this.firstError === undefined) return
    throw new TransactionError(
      'TRANSACTION_ABORTED',
      'an earlier statement of this transaction failed; only a rollback is possible. Its error is the cause',
      { cause: this.firstError },
    )
  }
}

function anySignal(
  first: AbortSignal | undefined,
  second: AbortSignal | undefined,
): AbortSignal | undefined {
  return first !== undefined && second !== undefined
    ? AbortSignal.any([first, second])
    : (first ?? second)
}

function transactionControl(): UsageError {
  return new UsageError(
    'SESSION_TRANSACTION_CONTROL',
    'BEGIN, COMMIT and ROLLBACK belong to the session: return from its callback to commit, throw to roll back, and use ' +
      'session.savepoint() for a part of it',
  )
}

function streamOpen(): UsageError {
  return new UsageError(
    'STREAM_OPEN',
    'a stream is open on this session: read it to its end or leave its loop first',
  )
}

function unawaitedWork(pending: number): TransactionError {
  return new TransactionError(
    'UNAWAITED_WORK',
    `the callback returned while ${pending} statements, a savepoint, a joined session or a stream had not ended; the unit was rolled back. Await each of them`,
  )
}

function rolledBackInstead(cause: unknown): TransactionError {
  return new TransactionError(
    'COMMIT_ROLLED_BACK',
    'nothing was committed: a statement had failed and its error was swallowed. Let it be thrown, or run what may fail in a savepoint',
    { cause },
  )
}
