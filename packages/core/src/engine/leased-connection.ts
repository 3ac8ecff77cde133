import type { CompiledQuery, QueryResult } from 'kysely'
import { isAquiferError } from '../errors/aquifer-error.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { InnerAcquireOptions } from '../pool/acquire-options.ts'
import type { Answers } from '../pool/answer.ts'
import { lastOf } from '../pool/answer.ts'
import { firstFlight } from '../pool/first-flight.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import { allAnswers, behind, type Flown } from '../pool/flown.ts'
import type { Lease } from '../pool/lease.ts'
import type { Pool } from '../pool/pool.ts'
import type { Statement, StatementResult } from '../pool/statement.ts'
import type { StatementFacts } from '../pool/statement-facts.ts'
import type { CallSite } from '../time/call-site.ts'
import type { Deadline } from '../time/deadline.ts'
import { beginFlight } from './begin-flight.ts'
import { commitOn } from './commit.ts'
import type { EngineCompiler } from './compiler.ts'
import { EngineConnection } from './connection.ts'
import type { QueryOptions } from './flown.ts'
import type { TransactionGuard } from './guarded-unit.ts'
import { KyselyTransaction } from './kysely-transaction.ts'
import { streamOpen } from './stream.ts'
import type { TransactionMarks } from './transaction-mark.ts'

/** What a connection of its own stands on. */
export interface LeasedConnectionParts {
  readonly pool: Pool
  readonly compiler: EngineCompiler
  readonly marks: TransactionMarks
  readonly guard: TransactionGuard | undefined
  readonly deadline: Deadline
  readonly takenAt: CallSite
}

/**
 * A connection of its own for a Kysely transaction, `db.connection()` or one stream. Takes its lease with the first statement, and
 * BEGIN travels with it.
 */
export class LeasedConnection extends EngineConnection {
  readonly #parts: LeasedConnectionParts
  #opening: Promise<unknown> | undefined
  #lease: Lease | undefined
  #begin: string | undefined
  #transaction: KyselyTransaction | undefined
  /** A stream reads in a transaction of its own. */
  #streaming = false
  /** Statements of others that were issued and have not been answered. */
  #pending = 0
  #state: 'open' | 'inTransaction' | 'ending' | 'released' = 'open'

  constructor(parts: LeasedConnectionParts) {
    super((flight, signal) => this.#sendBeside(flight, signal), parts.compiler)
    this.#parts = parts
  }

  /** Whether it has been given back. */
  get released(): boolean {
    return this.#state === 'released'
  }

  /** Whether a transaction is open on it, or will be with the next statement. */
  get inTransaction(): boolean {
    return this.#state === 'inTransaction'
  }

  /** The transaction that is open on it, or will be. */
  get transaction(): KyselyTransaction | undefined {
    return this.#transaction
  }

  /** Lets the next statement begin a transaction. */
  begin(statement: string, owner?: object): void {
    this.#begin = statement
    this.#transaction = new KyselyTransaction(this.#parts.marks.watch(), owner)
    this.#state = 'inTransaction'
  }

  /** Runs a statement of transaction control, as SAVEPOINT. */
  async run(text: string): Promise<StatementResult> {
    return lastOf(await this.#send([{ text }], undefined))
  }

  /**
   * Ends the transaction; until the answer comes the connection refuses every other statement, and `db.connection()` goes on with it.
   *
   * @returns what the server answered; undefined if nothing had begun
   */
  async end(how: 'commit' | 'rollback'): Promise<'COMMIT' | 'ROLLBACK' | undefined> {
    this.#state = 'ending'
    const unawaited = how === 'commit' ? this.#pending : 0
    await this.#opening
    const { pool, deadline, guard } = this.#parts
    const lease = this.#lease
    const transaction = this.#transaction as KyselyTransaction
    try {
      const isOpen = lease !== undefined && lease.transactionStatus !== 'I'
      if (unawaited > 0 && !isOpen) throw unawaitedWork(unawaited)
      if (lease === undefined) return undefined
      if (!isOpen) {
        // A statement was lost or given up before the server had said that a transaction is open.
        if (how === 'commit' && !lease.usable) throw transactionGone(transaction.firstError)
        return undefined
      }
      const { watch } = transaction
      const doomedBy = unawaited > 0 ? unawaitedWork(unawaited) : transaction.doomedBy
      if (how === 'commit' && doomedBy === undefined)
        return await commitOn(lease, { pool, watch, deadline })
      await lease.run({ text: 'rollback' }, { deadline })
      if (how === 'commit') throw doomedBy
      return 'ROLLBACK'
    } finally {
      guard?.ended(transaction)
      this.#begin = undefined
      this.#transaction = undefined
      if (this.#state === 'ending') this.#state = 'open'
    }
  }

  /** Gives the lease back, if there is one. */
  async release(asked: 'clean' | 'destroy' = 'clean'): Promise<void> {
    this.#state = 'released'
    await this.#opening
    if (this.#transaction !== undefined) this.#parts.guard?.ended(this.#transaction)
    this.#lease?.release(asked)
  }

  /**
   * A portal lives in a transaction; a stream outside of one opens its own. Meanwhile the connection refuses every other statement, which
   * would be undone with it.
   */
  override async *streamQuery<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: QueryOptions = {},
  ): AsyncIterableIterator<QueryResult<Row>> {
    const alone = this.#state === 'open'
    const request = { chunkSize, signal: options.signal, alone }
    if (!alone) {
      yield* this.stream<Row>(compiled, request)
      return
    }
    this.begin('begin')
    this.#streaming = true
    let how: 'commit' | 'rollback' = 'commit'
    try {
      yield* this.stream<Row>(compiled, request, (flight, own) => this.#send(flight, own))
    } catch (error) {
      how = 'rollback'
      throw error
    } finally {
      this.#streaming = false
      // Also for a caller who has left: a select may have written, by a function that it calls.
      if (how === 'commit') await this.end('commit')
      else await this.end('rollback').catch(() => this.release('destroy'))
    }
  }

  #sendBeside(flight: readonly FlightPart[], signal: AbortSignal | undefined): Promise<Answers> {
    if (this.#streaming) return Promise.reject(streamOpen())
    if (this.inTransaction && flight.some((part) => this.#controls(part)))
      return Promise.reject(transactionControl())
    this.#pending += 1
    return this.#send(flight, signal).finally(() => {
      this.#pending -= 1
    })
  }

  #undoes(part: FlightPart): boolean {
    return 'text' in part && this.#factsOf(part).control === 'undo'
  }

  #factsOf({ text, facts }: Statement): StatementFacts {
    return facts ?? this.#parts.pool.facts.of(text)
  }

  /** Whether it would begin or end the transaction behind Kysely's back. */
  #controls(part: FlightPart): boolean {
    if (!('text' in part)) return false
    const { control, endsInside } = this.#factsOf(part)
    return endsInside || (control !== undefined && control !== 'undo')
  }

  async #send(flight: readonly FlightPart[], signal: AbortSignal | undefined): Promise<Answers> {
    if (this.#isEnding) throw transactionEnded()
    // Whoever takes the lease or sends BEGIN is waited for, and whoever has taken that part while one waited. Between the last look and the
    // sending nothing is awaited, or two would take that part.
    for (let seen: unknown; seen !== this.#opening; ) {
      seen = this.#opening
      await seen
    }
    if (this.#isEnding) throw transactionEnded()
    const transaction = this.#state === 'inTransaction' ? this.#transaction : undefined
    const send = (parts: readonly FlightPart[]) => this.#sendNext(parts, signal)
    if (transaction === undefined) return allAnswers(await send(flight))
    try {
      const answers = allAnswers(await transaction.watch.send(flight, send))
      if (flight.some((part) => this.#undoes(part))) transaction.firstError = undefined
      return answers
    } catch (error) {
      const failure = transaction.failure(error)
      const hasFailed = this.#lease?.transactionStatus === 'E' || this.#lease?.usable === false
      if (hasFailed) transaction.firstError ??= error
      throw failure
    }
  }

  async #sendNext(flight: readonly FlightPart[], signal: AbortSignal | undefined): Promise<Flown> {
    if (this.#lease === undefined || this.#begin !== undefined)
      return this.#sendFirst(flight, signal)
    const isGone = this.#state === 'inTransaction' && this.#lease.transactionStatus === 'I'
    if (isGone) throw transactionGone(this.#transaction?.firstError)
    return this.#lease.flyThrough(flight, { deadline: this.#parts.deadline, signal })
  }

  get #isEnding(): boolean {
    return this.#state === 'ending' || this.#state === 'released'
  }

  /** The flight that takes the lease or begins the transaction; the others wait for it. */
  #sendFirst(flight: readonly FlightPart[], signal: AbortSignal | undefined): Promise<Flown> {
    const sending = this.#beginWith(flight, signal)
    this.#opening = sending.catch(() => {})
    return sending
  }

  async #beginWith(flight: readonly FlightPart[], signal: AbortSignal | undefined): Promise<Flown> {
    const { pool, deadline, takenAt } = this.#parts
    const statement = this.#begin
    const begin = statement === undefined ? [] : beginFlight(statement, pool.settings, deadline)
    this.#begin = undefined
    // A stream alone is bounded by its reader, who is at no other work in it.
    const transaction = statement === undefined || this.#streaming ? undefined : this.#transaction
    const onLease = (lease: Lease) => {
      if (transaction !== undefined) this.#parts.guard?.begun(transaction, lease)
    }
    try {
      const flown = await this.#fly([...begin, ...flight], { deadline, signal, takenAt, onLease })
      if (flown.failure !== undefined) this.#beginAgain(statement, flown.failure.error)
      return behind(flown, begin.length)
    } catch (error) {
      this.#beginAgain(statement, error)
      throw error
    }
  }

  /** If nothing has begun the next statement has to begin it. A lost connection takes the transaction with it. */
  #beginAgain(statement: string | undefined, error: unknown): void {
    const isLost = isAquiferError(error) && error.kind === 'connection' && this.#lease !== undefined
    const hasBegun = this.#lease !== undefined && this.#lease.transactionStatus !== 'I'
    if (!isLost && !hasBegun) this.#begin = statement
  }

  async #fly(parts: readonly FlightPart[], options: InnerAcquireOptions): Promise<Flown> {
    if (this.#lease !== undefined) {
      options.onLease?.(this.#lease)
      return await this.#lease.flyThrough(parts, options)
    }
    const { lease, flown } = await firstFlight(this.#parts.pool, parts, options)
    this.#lease = lease
    return flown
  }
}

function transactionControl(): UsageError {
  return new UsageError(
    'SESSION_TRANSACTION_CONTROL',
    'BEGIN, COMMIT and ROLLBACK belong to Kysely inside of its transactions: return from the callback to commit, and throw to roll back',
  )
}

function unawaitedWork(pending: number): TransactionError {
  return new TransactionError(
    'UNAWAITED_WORK',
    `the transaction was to be committed while ${pending} statements had not been answered; it was rolled back. Await each of them`,
  )
}

function transactionEnded(): UsageError {
  return new UsageError(
    'SESSION_CLOSED',
    'the transaction has ended: await every statement before its callback returns',
  )
}

function transactionGone(cause: unknown): TransactionError {
  return new TransactionError(
    'TRANSACTION_ABORTED',
    'the transaction is gone with the connection that it was on: nothing of it stays, and nothing more can be run in it',
    { cause },
  )
}
