import type { Socket } from 'node:net'
import type { AquiferError, Outcome } from '../errors/aquifer-error.ts'
import { ConnectionError, lostBefore } from '../errors/connection-error.ts'
import type { Answers } from '../pool/answer.ts'
import { lastOf } from '../pool/answer.ts'
import type { Backend, BackendTerms } from '../pool/backend.ts'
import { cancelUntil } from '../pool/cancel.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import { allAnswers, type Flown } from '../pool/flown.ts'
import { statementEvents } from '../pool/landed.ts'
import type { SaidListener } from '../pool/said.ts'
import type { Submittable } from '../pool/send-queue.ts'
import type { Statement, StatementResult } from '../pool/statement.ts'
import { monotonicMs, pause } from '../time/clock.ts'
import type { Line } from './line.ts'
import { NestedTransactions } from './nested-transactions.ts'
import { streamOutside } from './sandbox-error.ts'

const CANCEL_LIMIT_MS = 1_000

/** Frees the callers of one flight. */
type Fail = (error: AquiferError) => void

/**
 * A connection that a sandbox's pool lends: to its holder like one of its own, in truth turns on the sandbox's only one. Opening it sends
 * nothing.
 */
export class NestedBackend implements Backend {
  readonly expiresAt: number = Number.POSITIVE_INFINITY
  readonly epoch: number
  readonly stale = false
  readonly untouched = false
  /** Nothing in a sandbox outlives the end of its connection. */
  readonly outcomeIfCut: Outcome = 'rolledBack'
  idleSince: number = monotonicMs()
  answeredAt: number = this.idleSince
  uses = 0
  checked = false
  shared = false
  lost: AquiferError | undefined
  closedByUs = false
  readonly #line: Line
  readonly #terms: BackendTerms
  readonly #transactions: NestedTransactions
  readonly #under = new Set<Fail>()
  readonly #onLost = new Set<(error: AquiferError) => void>()
  readonly #stopListening: () => void
  /** The end of the last flight; flights of one connection go in the order they were handed in. */
  #last: Promise<unknown> = Promise.resolve()
  #end: Promise<void> = Promise.resolve()

  /** @param id no other connection of the sandbox has it */
  constructor(line: Line, terms: BackendTerms, id: number) {
    this.#line = line
    this.#terms = terms
    this.epoch = terms.epoch
    this.#transactions = new NestedTransactions(line, terms.facts, id)
    this.#stopListening = line.lease.backend.whenLost((error) => this.#lose(error))
  }

  get pid(): number {
    return this.#line.lease.backendPid
  }

  get transactionStatus(): 'I' | 'T' | 'E' {
    return this.#transactions.status
  }

  get load(): number {
    return this.#under.size
  }

  get socket(): Socket {
    return this.#line.lease.backend.socket
  }

  /** The connection below was made by another pool, which has run the hook. */
  async initialize(): Promise<void> {}

  async run(statement: Statement): Promise<StatementResult> {
    return lastOf(await this.fly([statement]))
  }

  async fly(parts: readonly FlightPart[]): Promise<Answers> {
    return allAnswers(await this.flyThrough(parts))
  }

  async flyThrough(parts: readonly FlightPart[]): Promise<Flown> {
    if (this.lost !== undefined) throw lostBefore(this.lost)
    const { promise, reject } = Promise.withResolvers<never>()
    this.#under.add(reject)
    const flying = this.#last.then(() => this.#flyNext(parts, reject))
    this.#last = flying.catch(() => {})
    return Promise.race([flying, promise])
  }

  /** Can only be handed to the connection below, which the transaction of its holder must have for itself. */
  submit(query: Submittable): void {
    const { unit } = this.#transactions
    const isFree = this.#line.running === undefined && this.load === 0
    if (unit === undefined || this.#line.innermost !== unit || !isFree) throw streamOutside()
    this.#line.lease.submit(query)
  }

  /** A transaction, COMMIT included, that is given up is undone; what was sent outside of one may have been through. */
  outcomeIfLost(parts: readonly FlightPart[]): Outcome {
    const begins = parts.some((part) => 'text' in part && this.#controlOf(part) !== undefined)
    return this.transactionStatus !== 'I' || begins ? 'rolledBack' : 'unknown'
  }

  whenLost(listener: (error: AquiferError) => void): () => void {
    this.#onLost.add(listener)
    return () => {
      this.#onLost.delete(listener)
    }
  }

  /** Hears what is said in turns of its own. */
  whenSaid(listener: SaidListener): () => void {
    const isOurs = () => this.#line.running === this.#transactions
    return this.#line.lease.backend.whenSaid({
      onNotification: () => {},
      onNotice: (notice) => {
        if (isOurs()) listener.onNotice(notice)
      },
    })
  }

  async quiet(): Promise<void> {
    await this.#last
  }

  closed(): Promise<void> {
    return this.#end
  }

  async settle(error: AquiferError, limitMs: number): Promise<boolean> {
    const until = pause(limitMs).then(() => false)
    this.#fail(error)
    const settled = this.#cancel(limitMs).then(async (delivered) => {
      await this.#transactions.undo()
      return delivered
    })
    return (await Promise.race([settled.catch(() => false), until])) && this.lost === undefined
  }

  async cancel(limitMs: number): Promise<boolean> {
    return this.#line.running === this.#transactions
      ? this.#line.lease.backend.cancel(limitMs)
      : true
  }

  giveUp(why: string): void {
    this.#lose(new ConnectionError('CONNECTION_LOST', why))
  }

  /** Others use the same ones. */
  forgetPrepared(): void {}

  close(): void {
    this.#stopListening()
    if (this.lost === undefined) this.closedByUs = true
    const error = new ConnectionError('CONNECTION_LOST', 'the pool closed the connection')
    this.#fail(error)
    this.#lose(error)
    this.#end = this.#cancel(CANCEL_LIMIT_MS)
      .then(() => this.#transactions.undo())
      .catch(() => {})
  }

  async #flyNext(parts: readonly FlightPart[], reject: Fail): Promise<Flown> {
    // Its caller has given up while it waited.
    if (!this.#under.has(reject)) return { answers: [], failure: undefined }
    const sentAt = monotonicMs()
    try {
      const flown = await this.#transactions.fly(parts)
      this.#tell(parts, flown, sentAt)
      return flown
    } finally {
      this.#under.delete(reject)
      this.answeredAt = monotonicMs()
    }
  }

  /** Frees every caller; what was not sent never is. */
  #fail(error: AquiferError): void {
    const running = this.#line.running === this.#transactions
    for (const reject of this.#under) reject(error)
    if (!running) this.#line.leave(this.#transactions, error)
    this.#under.clear()
  }

  /** Ends the statement that runs, if one does. @returns whether the connection below is free of requests to cancel */
  async #cancel(limitMs: number): Promise<boolean> {
    if (this.#line.running !== this.#transactions) return true
    return await cancelUntil(this.quiet(), () => this.cancel(limitMs), limitMs)
  }

  #tell(parts: readonly FlightPart[], { answers, failure }: Flown, sentAt: number): void {
    const { events } = this.#terms
    if (!events.has('statement')) return
    for (const event of statementEvents(this.pid, parts, { written: { answers }, failure, sentAt }))
      events.emit('statement', event)
  }

  #controlOf({ text, facts }: Statement): string | undefined {
    return (facts ?? this.#terms.facts.of(text)).control
  }

  #lose(error: AquiferError): void {
    if (this.lost !== undefined) return
    this.lost = error
    for (const listener of this.#onLost) listener(error)
  }
}
