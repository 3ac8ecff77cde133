import { beginFlight } from '../engine/begin-flight.ts'
import { commitOn } from '../engine/commit.ts'
import type { Fly } from '../engine/flown.ts'
import type { Profile } from '../engine/profile.ts'
import type { TransactionMarks, TransactionWatch } from '../engine/transaction-mark.ts'
import type { AquiferError } from '../errors/aquifer-error.ts'
import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Alone } from '../pool/alone.ts'
import type { Answers } from '../pool/answer.ts'
import { lastOf } from '../pool/answer.ts'
import { firstFlight } from '../pool/first-flight.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import { behind, countAnswers, type Flown, readable } from '../pool/flown.ts'
import type { Lease } from '../pool/lease.ts'
import type { Pool } from '../pool/pool.ts'
import type { Statement, StatementResult } from '../pool/statement.ts'
import type { Control, StatementFacts } from '../pool/statement-facts.ts'
import { type CallSite, nowhere } from '../time/call-site.ts'
import { Deadline } from '../time/deadline.ts'
import { anySignal, type Bounds } from './bounds.ts'
import { contextFlight, noContext } from './context.ts'
import type { Guard } from './guard.ts'
import { LoneStreams } from './lone-streams.ts'
import { OpenStreams } from './open-streams.ts'
import { beginStatement, type SessionOptions } from './options.ts'
import {
  aborted,
  overtaken,
  rolledBackInstead,
  transactionControl,
  unawaitedWork,
} from './refusals.ts'
import { type Turn, Turns } from './turns.ts'

const ROLLBACK_LIMIT_MS = 1_000
const NO_BOUNDS: Bounds = {}

/** Where a unit's statements go. */
export interface UnitSource {
  readonly profile: Pick<Profile, 'contextPrefix'>
  readonly pool: Pool
  readonly alone: Alone
  readonly marks: TransactionMarks
  readonly guard: Guard
  /** The unit inside of which this one is opened. */
  readonly outer: SessionUnit | undefined
}

/**
 * One unit of work on at most one lease, taken when the first statement needs it. Statements run one
 * at a time in the order they were issued; the first failure is kept and named as the cause of those behind it.
 */
export class SessionUnit {
  readonly mode: 'transaction' | 'autocommit'
  readonly deadline: Deadline
  readonly options: SessionOptions
  /** The first failure of a statement, until a savepoint that contains it is rolled back. */
  firstError: unknown
  /** The unit inside of which this one was opened, and which waits for it until it ends. */
  outer: SessionUnit | undefined
  /** Whether a savepoint was ever asked for. */
  hasSavepoints = false
  #doom: AquiferError | undefined
  readonly #guard: Guard
  readonly #contextPrefix: string | undefined
  readonly #pool: Pool
  readonly #alone: Alone
  readonly #marks: TransactionMarks
  readonly #takenAt: CallSite
  #watching: TransactionWatch | undefined
  #lease: Lease | undefined
  /** Ends what is under way on no lease of the unit's own: the wait for one, or what was sent first on it. */
  #callOff: ((error: unknown) => void) | undefined
  readonly #onWait = (giveUp: (error: unknown) => void) => {
    this.#callOff = giveUp
  }
  readonly #turns = new Turns((turns) => this.#sendTurns(turns))
  /** Made by the first one. */
  #streams: OpenStreams | undefined
  #loneStreams: LoneStreams | undefined
  #savepoints = 0
  #parts = 0
  #state: 'open' | 'ending' | 'ended' = 'open'

  readonly #onLease = (taken: Lease) => {
    if (this.#state !== 'open') throw overtaken(this.mode)
    this.#callOff = (error) => taken.abandon(error as AquiferError)
  }

  constructor(
    { profile, pool, alone, marks, guard, outer }: UnitSource,
    options: SessionOptions,
    deadline: Deadline,
  ) {
    this.#guard = guard
    this.outer = outer
    this.#contextPrefix = profile.contextPrefix
    this.#pool = pool
    this.#alone = alone
    this.#marks = marks
    this.mode = options.mode ?? 'transaction'
    // Statements of an autocommit session hold no lease that could be forgotten.
    this.#takenAt = this.mode === 'autocommit' ? nowhere : pool.noteCallSite()
    this.options = options
    this.deadline = deadline
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  get holdsLease(): boolean {
    return this.#lease !== undefined && this.#state !== 'ended'
  }

  get #isStreaming(): boolean {
    return (this.#streams?.size ?? 0) + (this.#loneStreams?.size ?? 0) > 0
  }

  /** Lets COMMIT be refused with this error, whatever is done about it. */
  doom(error: AquiferError): void {
    this.#doom ??= error
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

  /** Sends one statement when its turn comes; the first one of a transaction takes BEGIN along. */
  async run(statement: Statement, signal?: AbortSignal): Promise<StatementResult> {
    return lastOf(await this.fly([statement], { signal }))
  }

  /** Sends statements that travel together when their turn comes. */
  async fly(parts: readonly FlightPart[], bounds: Bounds = NO_BOUNDS): Promise<Answers> {
    this.#assertOpen()
    this.#streams?.assertRoom()
    const control = this.#controlOf(parts)
    if (control !== undefined && control !== 'undo') throw transactionControl()
    if (control === 'undo') this.#streams?.noteUndo(parts)
    const inTransaction = this.mode === 'transaction'
    if (inTransaction && this.#endsInside(parts)) throw transactionControl()
    if (!inTransaction && this.#turns.isIdle)
      return this.#turns.pass(() => this.#flyAlone(parts, bounds))
    const { signal, deadline } = bounds
    // A cancel, an undo and a transaction of its own concern one statement and none beside it.
    const isFree = signal === undefined && deadline === undefined && control === undefined
    return this.#turns.take({ parts, signal, deadline, joins: isFree && inTransaction })
  }

  /** Runs `body`, a stream's reads, between which other statements run if the unit was opened with `cursor`. */
  async *stream<T>(
    body: (fly: Fly, id: number) => AsyncIterable<T>,
    bounds: Bounds = NO_BOUNDS,
  ): AsyncIterableIterator<T> {
    this.#assertOpen()
    const { deadline } = bounds
    this.#streams ??= new OpenStreams(this.options.cursor === true)
    yield* this.#streams.read(this.#savepoints, ({ id, assertAlive }) =>
      body(async (parts, own) => {
        assertAlive()
        const signal = anySignal(bounds.signal, own)
        return this.#turns.take({ parts, signal, deadline, joins: false })
      }, id),
    )
  }

  /** Reads a stream that has a connection of its own, for no longer than the unit lasts. */
  streamAlone<T>(pieces: AsyncIterableIterator<T>): AsyncIterableIterator<T> {
    this.#assertOpen()
    this.#loneStreams ??= new LoneStreams()
    return this.#loneStreams.read(pieces)
  }

  /**
   * Commits, if there is anything to commit.
   *
   * @throws {TransactionError} `UNAWAITED_WORK`, `COMMIT_ROLLED_BACK`, `COMMIT_LOST` or `COMMIT_OUTCOME_UNKNOWN`; or the
   *   refusal of a deferred constraint. Afterwards the unit has ended in every case
   */
  async commit(): Promise<void> {
    const { pending } = this.#turns
    if (pending > 0 || this.#parts > 0 || this.#isStreaming) {
      const unawaited = unawaitedWork(pending, this.mode)
      await this.rollback()
      throw unawaited
    }
    if (this.firstError !== undefined) {
      const swallowed = this.firstError
      await this.rollback()
      throw rolledBackInstead(swallowed)
    }
    if (this.#doom !== undefined) {
      await this.rollback()
      throw this.#doom
    }
    this.#state = 'ending'
    const lease = this.#lease
    try {
      if (lease !== undefined) await this.#sendCommit(lease)
    } finally {
      this.#end()
      lease?.release()
    }
  }

  /**
   * Rolls back and gives the lease back. A statement that nobody waits for any more is cancelled. Never rejects: if ROLLBACK fails the
   * connection is destroyed, which rolls back too.
   */
  async rollback(): Promise<void> {
    this.#state = 'ending'
    if (this.#turns.pending > 0) this.#abandon(overtaken(this.mode))
    await this.#turns.idle()
    await this.#loneStreams?.end()
    this.#end()
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

  #end(): void {
    this.#state = 'ended'
    this.outer = undefined
    this.#guard.ended(this)
  }

  async #sendTurns(turns: readonly Turn[]): Promise<void> {
    const [first] = turns as [Turn]
    const parts = turns.length === 1 ? first.parts : turns.flatMap((turn) => turn.parts)
    try {
      this.#assertOpen()
      if (this.mode === 'autocommit') first.resolve(await this.#flyAlone(parts, first))
      else this.#hand(turns, await this.#fly(parts, this.#within(first)))
    } catch (error) {
      for (const turn of turns) turn.reject(error)
    }
  }

  /** Outside of any transaction. */
  #flyAlone(parts: readonly FlightPart[], bounds: Bounds): Promise<Answers> {
    return this.#alone.run(parts, this.#taking(this.#within(bounds)))
  }

  async #fly(parts: readonly FlightPart[], bounds: Bounds): Promise<Flown> {
    const undo = this.#controlOf(parts) === 'undo'
    if (!undo) this.#assertNotFailed()
    const send = (flight: readonly FlightPart[]) =>
      this.#lease?.flyThrough(flight, bounds) ?? this.#begin(flight, bounds)
    try {
      const flown = await this.#watch.send(parts, send)
      if (this.#lease?.transactionStatus === 'I' && flown.failure === undefined)
        throw transactionControl()
      if (undo && flown.failure === undefined) this.firstError = undefined
      // A connection that broke behind the last answer is nobody's failure yet: whoever needs it next hears of it.
      if (this.#lease?.usable === true || isToldOf(parts, flown))
        this.firstError ??= flown.failure?.error
      return flown
    } catch (error) {
      this.firstError ??= error
      throw error
    }
  }

  /** Gives each turn its answers; the one that failed its error, and those behind it the news that they were not run. */
  #hand(turns: readonly Turn[], { answers, failure }: Flown): void {
    let at = 0
    for (const turn of turns) {
      const end = at + countAnswers(turn.parts)
      if (failure === undefined || end <= failure.at) settleReadable(turn, answers.slice(at, end))
      else turn.reject(failure.at >= at ? failure.error : aborted(failure.error))
      at = end
    }
  }

  /** BEGIN and the first statements under one Sync: if BEGIN fails they are not run. */
  async #begin(parts: readonly FlightPart[], bounds: Bounds): Promise<Flown> {
    const begin = [
      ...beginFlight(beginStatement(this.options), this.#pool.settings, this.deadline),
      ...contextFlight(this.options.context ?? noContext, this.#pool.facts, this.#contextPrefix),
    ]
    const flight = [...begin, ...parts]
    const onLease = (taken: Lease) => {
      this.#onLease(taken)
      this.#guard.begun(this, taken)
    }
    const taking = { ...this.#taking(bounds), onLease }
    const { lease, flown } = await firstFlight(this.#pool, flight, taking)
    this.#lease = lease
    return behind(flown, begin.length)
  }

  /** Learns the id of the transaction, by which the server is asked should the answer to COMMIT be lost. */
  get #watch(): TransactionWatch {
    const { readOnly = false } = this.options
    this.#watching ??= this.#marks.watch({ readOnly })
    return this.#watching
  }

  /** The unit's own bounds and those of one statement. */
  #within({ deadline, signal }: Bounds) {
    return {
      deadline: Deadline.earlier(this.deadline, deadline),
      signal: anySignal(this.options.signal, signal),
    }
  }

  #taking({ deadline, signal }: Bounds) {
    const onLease = this.#onLease
    return { deadline, signal, takenAt: this.#takenAt, onLease, onWait: this.#onWait }
  }

  #abandon(error: AquiferError): void {
    if (this.#lease === undefined) this.#callOff?.(error)
    else this.#lease.abandon(error)
  }

  #controlOf(parts: readonly FlightPart[]): Control | undefined {
    for (const part of parts) {
      if (!('text' in part)) continue
      const { control } = this.#factsOf(part)
      if (control !== undefined) return control
    }
    return undefined
  }

  #endsInside(parts: readonly FlightPart[]): boolean {
    return parts.some((part) => 'text' in part && this.#factsOf(part).endsInside)
  }

  #factsOf({ text, facts }: Statement): StatementFacts {
    return facts ?? this.#pool.facts.of(text)
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
    const parts = { pool: this.#pool, watch: this.#watch, deadline: this.deadline }
    const command = await commitOn(lease, parts)
    if (command === 'ROLLBACK') throw rolledBackInstead(this.firstError)
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
    if (this.firstError !== undefined) throw aborted(this.firstError)
  }
}

/** Whether the failure of a flight is that of one of its statements. */
function isToldOf(parts: readonly FlightPart[], { failure }: Flown): boolean {
  return failure !== undefined && failure.at < countAnswers(parts)
}

function settleReadable(turn: Turn, answers: Answers): void {
  try {
    turn.resolve(readable(answers))
  } catch (error) {
    turn.reject(error)
  }
}
