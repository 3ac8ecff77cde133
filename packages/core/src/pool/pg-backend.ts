import type { Socket } from 'node:net'
import type pg from 'pg'
import type { AquiferError, Outcome } from '../errors/aquifer-error.ts'
import { lostBefore } from '../errors/connection-error.ts'
import { fromConnect, fromDriver } from '../errors/from-driver.ts'
import { withDeepStack } from '../time/call-site.ts'
import { after, monotonicMs, pause, random } from '../time/clock.ts'
import { Answer, type Answers, lastOf } from './answer.ts'
import type { Backend, BackendTerms, FlyOptions } from './backend.ts'
import { cancelUntil, sendCancelRequest } from './cancel.ts'
import { createClient, guarded } from './client-config.ts'
import { type Connected, initialized } from './connected.ts'
import type { Events, PoolEvents } from './events.ts'
import { Flight } from './flight.ts'
import { type FlightPart, FlightWriter } from './flight-writer.ts'
import { allAnswers, type Flown } from './flown.ts'
import { innardsOf } from './innards.ts'
import { type Landed, rowsOf, statementEvents } from './landed.ts'
import { isOwnFarewell, LastWords } from './last-words.ts'
import { listenFor, silenceLimitMs } from './liveness.ts'
import { wasNotPassedOn } from './own-fault.ts'
import { PreparedStatements } from './prepared-statements.ts'
import type { SaidListener } from './said.ts'
import { SendQueue, type Submittable } from './send-queue.ts'
import type { PoolSettings } from './settings.ts'
import { isStalePlan } from './stale-plan.ts'
import type { Statement, StatementResult } from './statement.ts'
import type { Control, FactsCache } from './statement-facts.ts'

const GOODBYE_LIMIT_MS = 1_000
const DEFAULT_PREPARED = 256
/** A connection that was dead when a flight was sent shows it within a round trip; later it died under the statement. */
const STALE_SHOWS_WITHIN_MS = 250

/**
 * One physical connection: a pg.Client with its age, its status byte and the error that ended it. Sends one flight
 * at a time, in the order they were handed in; while it is `shared` it sends them without waiting for answers.
 */
export class PgBackend implements Backend {
  readonly openedAt: number = monotonicMs()
  readonly expiresAt: number
  idleSince: number = this.openedAt
  /** How often it was lent. */
  uses = 0
  /** It has been asked whether it lives, for the loan that is next. */
  checked = false
  /** Which era of the pool it was opened in; see Pool.invalidate(). */
  readonly epoch: number
  /** The first failure of the socket; set once, and then the backend is never lent again. */
  lost: AquiferError | undefined
  /** It was lost before the server had answered anything of its last flight, which therefore met a dead connection. */
  stale = false
  /** The server has said itself that it ended before it had begun with the last flight. */
  untouched = false
  /** Its end was our decision and says nothing about the server. */
  closedByUs = false
  readonly #client: pg.Client
  readonly #settings: PoolSettings
  readonly #facts: FactsCache
  readonly #events: Events<PoolEvents>
  readonly #prepared: PreparedStatements
  readonly #writer: FlightWriter
  readonly #onLost = new Set<(error: AquiferError) => void>()
  readonly #onSaid = new Set<SaidListener>()
  readonly #queue: SendQueue
  readonly #words: LastWords
  /** Flights whose writes may stay although their answer never comes. */
  #inDoubt = 0

  private constructor(
    client: pg.Client,
    settings: PoolSettings,
    { facts, epoch, events }: BackendTerms,
  ) {
    this.#client = client
    this.#events = events
    this.#queue = new SendQueue(client)
    this.#settings = settings
    this.#facts = facts
    this.epoch = epoch
    this.expiresAt = this.openedAt + settings.maxLifetimeMs * (0.9 + 0.2 * random())
    const limit =
      settings.pooler === undefined ? (settings.preparedStatements ?? DEFAULT_PREPARED) : 0
    this.#prepared = new PreparedStatements(limit)
    this.#writer = new FlightWriter(this.#prepared, facts)
    // These listeners stay for the client's whole life: a pg.Client without one ends the process.
    this.#words = new LastWords(client.connection)
    const words = this.#words
    client.on('error', (error) => this.#lose(words.endedBy(error)))
    client.on('end', () => this.#lose(words.endedBy(new Error('the socket was closed'))))
    client.on('notification', ({ channel, payload = '', processId }) => {
      for (const { onNotification } of this.#onSaid) onNotification({ channel, payload, processId })
    })
    client.on('notice', (notice) => {
      for (const { onNotice } of this.#onSaid) onNotice(notice)
    })
  }

  /**
   * Connects, logs in and runs the profile's `onConnect`.
   *
   * @throws {ConnectionError} `CONNECTION_FAILED`; {ServerError} of kind `permission` if the login is refused
   */
  static async open(settings: PoolSettings, terms: BackendTerms): Promise<PgBackend> {
    const client = createClient(settings)
    const backend = new PgBackend(client, settings, terms)
    try {
      await client.connect()
    } catch (error) {
      client.connection.stream.destroy()
      throw fromConnect(error, `${client.host}:${client.port}`)
    }
    if (innardsOf(client).ssl !== false) guarded(client.connection.stream as Socket)
    try {
      await backend.initialize()
      return backend
    } catch (error) {
      backend.close()
      throw error
    }
  }

  /** Runs the profile's own hook. */
  initialize(): Promise<void> {
    const query: Connected['query'] = async (text, values) =>
      (await this.run({ text, values })) as never
    const { onConnect, connectTimeoutMs } = this.#settings
    return initialized({ backendPid: this.pid, query }, onConnect, connectTimeoutMs)
  }

  /** The server's process id of this connection. */
  get pid(): number {
    return innardsOf(this.#client).processID ?? 0
  }

  get transactionStatus(): 'I' | 'T' | 'E' | null {
    return this.#client.getTransactionStatus()
  }

  /** How many flights are under way or wait to be. */
  get load(): number {
    return this.#queue.length
  }

  /** What it is connected by. */
  get socket(): Socket {
    return this.#client.connection.stream as Socket
  }

  /** When the last answer was complete. */
  get answeredAt(): number {
    return this.#queue.answeredAt
  }

  /** Whether flights are sent without waiting for the answers of those before; for statements that know no state. */
  get shared(): boolean {
    return innardsOf(this.#client).pipeline
  }

  set shared(shared: boolean) {
    innardsOf(this.#client).pipeline = shared
  }

  /** Sends one statement and waits for its answer; errors are typed. */
  async run(statement: Statement, options?: FlyOptions): Promise<StatementResult> {
    return lastOf(await this.fly([statement], options))
  }

  /**
   * Sends `parts` under one Sync and waits for all answers. If one fails, those behind it were not run.
   *
   * @throws {AquiferError} the first failure, typed; once it is thrown the transaction status is that of after it
   */
  async fly(parts: readonly FlightPart[], options: FlyOptions = {}): Promise<Answers> {
    return allAnswers(await this.flyThrough(parts, options))
  }

  /** As `fly`, but a failure comes along with the answers of the statements before it. */
  async flyThrough(parts: readonly FlightPart[], options: FlyOptions = {}): Promise<Flown> {
    // A text of several statements has a protocol of its own: it travels when what precedes it has succeeded.
    const several =
      parts.length === 1 ? -1 : parts.findIndex((part) => this.#writer.isSeveral(part))
    if (several >= 0) return this.#flyApart(parts, several, options)
    const landed = await this.#send(parts, options.early)
    this.#tell(parts, landed)
    if (landed.failure === undefined) return { answers: landed.written.answers, failure: undefined }
    if (this.#forgetStale(landed)) {
      if (this.transactionStatus === 'I') return this.#flyAgain(parts)
      if (this.#has('begin', parts)) return this.#beginAgain(parts)
    }
    return this.#failed(landed, options.early === true)
  }

  /** Hands a query class of somebody else's to the driver: a cursor, a copy stream. */
  submit(query: Submittable): void {
    const connection = this.#client.connection
    this.#queue.add({ query, fail: (error) => query.handleError?.(error, connection as never) })
  }

  /** What becomes of a flight whose answer never arrives: inside a transaction only COMMIT leaves a doubt. */
  outcomeIfLost(parts: readonly FlightPart[]): Outcome {
    const inTransaction = this.transactionStatus !== 'I' || this.#has('begin', parts)
    if (!inTransaction || this.#has('commit', parts)) return 'unknown'
    return parts.some((part) => this.#writer.isSeveral(part)) ? 'unknown' : 'rolledBack'
  }

  /** What becomes of all that is under way if it is cut now. */
  get outcomeIfCut(): Outcome {
    return this.#inDoubt > 0 ? 'unknown' : 'rolledBack'
  }

  /** Calls `listener` when the connection breaks; the result takes it off again. */
  whenLost(listener: (error: AquiferError) => void): () => void {
    this.#onLost.add(listener)
    return () => {
      this.#onLost.delete(listener)
    }
  }

  /** Calls `listener` for what the server says unasked; the result takes it off again. */
  whenSaid(listener: SaidListener): () => void {
    this.#onSaid.add(listener)
    return () => {
      this.#onSaid.delete(listener)
    }
  }

  /** Resolves when nothing is under way any more. */
  quiet(): Promise<void> {
    return this.#queue.quiet()
  }

  /** Resolves when the socket has closed. */
  async closed(): Promise<void> {
    const { stream } = this.#client.connection
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve))
  }

  /**
   * Ends what is under way because its caller has given up: its callers get `error` at once, what was not sent never is, and the
   * server is asked to cancel the rest. Until it resolves nobody else may use the connection, or the cancel could hit a stranger's statement.
   *
   * @returns whether the connection can be used again: the cancel was delivered and every answer has come
   */
  async settle(error: AquiferError, limitMs: number): Promise<boolean> {
    const until = pause(limitMs).then(() => false)
    // What was dropped may have held the Parse of a statement that the cache now takes for prepared.
    const intact = this.#queue.dropUnsent(error) === 0
    this.#queue.failSent(error)
    if (this.#queue.length === 0) return intact && this.lost === undefined
    const quiet = this.#queue.quiet()
    const delivered = cancelUntil(quiet, () => this.cancel(limitMs), limitMs)
    const settled = await Promise.race([quiet.then(() => delivered), until])
    return settled && intact && this.lost === undefined
  }

  /** Asks the server to cancel what it is at. @returns whether the request was delivered */
  cancel(limitMs: number): Promise<boolean> {
    const { host, port } = this.#client
    const { processID, secretKey = 0, ssl, sslNegotiation } = innardsOf(this.#client)
    const directTls = sslNegotiation === 'direct'
    const target = { host, port, processId: processID ?? 0, secretKey, tls: ssl, directTls }
    return sendCancelRequest(target, limitMs)
  }

  /** Takes it for lost, as a server does that does not answer in time. */
  giveUp(why: string): void {
    this.#lose(fromDriver(new Error(why)))
  }

  /** The server has dropped all prepared statements. */
  forgetPrepared(): void {
    this.#prepared.clear()
  }

  /** Says goodbye if the socket answers; a busy one is cancelled on the server and cut, a broken one only cut. Never rejects. */
  close(): void {
    const wasLost = this.lost !== undefined
    // The server does not look at its socket while it runs a statement.
    if (!wasLost && this.load > 0) void this.cancel(GOODBYE_LIMIT_MS)
    this.closedByUs = !wasLost
    this.#lose(fromDriver(new Error('the pool closed the connection')))
    const { stream } = this.#client.connection
    if (wasLost) return void stream.destroy()
    const limit = after(GOODBYE_LIMIT_MS, () => stream.destroy())
    stream.once('close', () => limit.cancel())
    this.#client.end().catch(() => {})
  }

  async #flyApart(parts: readonly FlightPart[], at: number, options: FlyOptions): Promise<Flown> {
    const all: Answer[] = []
    for (const some of [parts.slice(0, at), parts.slice(at, at + 1), parts.slice(at + 1)]) {
      if (some.length === 0) continue
      const { answers, failure } = await this.flyThrough(some, all.length === 0 ? options : {})
      // One answer for each part: of several statements the last.
      const counted = some.length === 1 ? [lastOf(answers)] : answers
      if (failure !== undefined) {
        const failedAt = all.length + Math.min(failure.at, counted.length - 1)
        return { answers: [...all, ...counted], failure: { ...failure, at: failedAt } }
      }
      all.push(...counted)
    }
    return { answers: all, failure: undefined }
  }

  async #flyAgain(parts: readonly FlightPart[]): Promise<Flown> {
    const landed = await this.#send(parts)
    return landed.failure === undefined
      ? { answers: landed.written.answers, failure: undefined }
      : this.#failed(landed, false)
  }

  async #beginAgain(parts: readonly FlightPart[]): Promise<Flown> {
    const { answers, failure } = await this.#flyAgain([{ text: 'rollback' }, ...parts])
    const at = Math.max(0, (failure?.at ?? 0) - 1)
    return { answers: answers.slice(1), failure: failure && { ...failure, at } }
  }

  #tell(parts: readonly FlightPart[], landed: Landed): void {
    if (!this.#events.has('statement')) return
    for (const event of statementEvents(this.pid, parts, landed))
      this.#events.emit('statement', event)
  }

  #failed(landed: Landed, early: boolean): Flown {
    const at = landed.failure?.at ?? 0
    return { answers: landed.written.answers, failure: { error: this.#typed(landed, early), at } }
  }

  #send(parts: readonly FlightPart[], early = false): Promise<Landed> {
    if (this.lost !== undefined) return Promise.reject(lostBefore(this.lost))
    const { promise, resolve } = Promise.withResolvers<Landed>()
    const written = this.#writer.write(parts, early)
    const sentAt = monotonicMs()
    const ifLost = this.outcomeIfLost(parts)
    if (ifLost === 'unknown') this.#inDoubt += 1
    const flight = new Flight({
      ...written,
      coalesce: this.shared,
      next: () => new Answer(rowsOf(parts)),
      copyFail: () => this.#writer.copyFail(written.simple),
      settle: (failure) => {
        if (ifLost === 'unknown') this.#inDoubt -= 1
        resolve({ written, failure, sentAt, ifLost, answered: flight.answered })
      },
    })
    this.#queue.add({ query: flight, fail: (error) => flight.fail(error) })
    if (!early || written.simple) return promise
    // Nobody was heard for a while: if no first answer comes soon, there is nobody.
    const limit = listenFor(this, silenceLimitMs(this.#settings))
    return promise.finally(() => limit.cancel())
  }

  /** The plan of a prepared statement has gone out of date: the next time it is sent as text. */
  #forgetStale({ failure, written }: Landed): boolean {
    const text = failure && written.named[failure.at]
    if (text === undefined || !isStalePlan(failure?.error)) return false
    this.#prepared.forget(text)
    return true
  }

  #typed({ failure, written, sentAt, ifLost, answered }: Landed, early: boolean): AquiferError {
    const ranMs = monotonicMs() - sentAt
    // The end of the connection as this flight sees it: with its own outcome.
    const ended = failure?.error === this.lost ? this.lost?.cause : failure?.error
    const overLimit = ranMs >= this.#settings.statementTimeoutMs
    const isUnheard = !answered && !this.#words.hasBegun
    const untouched = isUnheard && !written.simple && isOwnFarewell(ended)
    const wasHeld = !this.#words.hasBegun && wasNotPassedOn(ended)
    const outcome = untouched || wasHeld ? 'rolledBack' : ifLost
    const at = { ifLost: outcome, overLimit, alive: !this.lost }
    const error = withDeepStack(() => fromDriver(ended, at))
    // Nobody knows whether the server has a statement whose first flight failed.
    for (const text of written.named) {
      if (text !== undefined && this.#prepared.find(text)?.fields === undefined)
        this.#prepared.forget(text)
    }
    if (error.kind === 'connection') {
      this.untouched = untouched
      this.stale = isUnheard && (early || ranMs < STALE_SHOWS_WITHIN_MS)
      this.#lose(error)
    }
    return error
  }

  #has(control: Control, parts: readonly FlightPart[]): boolean {
    return parts.some(
      (part) => 'text' in part && (part.facts ?? this.#facts.of(part.text)).control === control,
    )
  }

  #lose(error: AquiferError): void {
    if (this.lost !== undefined) return
    this.lost = error
    this.#queue.failAll(error, lostBefore)
    for (const listener of this.#onLost) listener(error)
  }
}
