import type pg from 'pg'
import type { AquiferError } from '../errors/aquifer-error.ts'
import { monotonicMs } from '../time/clock.ts'

/** Anything that pg's client takes as a query: a flight of ours, or somebody's cursor or copy stream. */
export interface Submittable {
  submit(connection: never): unknown
  handleError?(error: unknown, connection: never): void
}

/** A query that was handed in and whose last answer has not come. */
export interface Sending {
  readonly query: Submittable
  /** Ends it without an answer. */
  fail(error: AquiferError): void
}

/**
 * Hands queries to a pg.Client one at a time, in the order they came, or without waiting for answers while the client
 * pipelines. Every query ends with one ReadyForQuery, which is how the queue knows that the next may go.
 */
export class SendQueue {
  /** When the last answer was complete. */
  answeredAt: number = monotonicMs()
  readonly #client: pg.Client
  readonly #onQuiet = new Set<() => void>()
  #waiting: Sending[] = []
  #sent: Sending[] = []

  constructor(client: pg.Client) {
    this.#client = client
    client.connection.on('readyForQuery', () => this.#onReady())
  }

  /** Queries under way and waiting. */
  get length(): number {
    return this.#sent.length + this.#waiting.length
  }

  /** Queries that were not sent yet. */
  get unsent(): number {
    return this.#waiting.length
  }

  add(sending: Sending): void {
    if (this.#mayGo()) this.#go(sending)
    else this.#waiting.push(sending)
  }

  /** Ends what was not sent. @returns how many that were */
  dropUnsent(error: AquiferError): number {
    const dropped = this.#waiting
    this.#waiting = []
    for (const sending of dropped) sending.fail(error)
    return dropped.length
  }

  /** Ends what was sent for its callers; the queue still waits for the answers. */
  failSent(error: AquiferError): void {
    for (const sending of this.#sent) sending.fail(error)
  }

  /** The connection has ended: nothing more is answered. */
  failAll(error: AquiferError, neverSent: (cause: AquiferError) => AquiferError): void {
    const sent = this.#sent
    this.#sent = []
    this.dropUnsent(neverSent(error))
    for (const sending of sent) sending.fail(error)
    this.#announceQuiet()
  }

  /** Resolves when nothing is under way or waits. */
  quiet(): Promise<void> {
    if (this.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onQuiet.add(resolve)
    })
  }

  #onReady(): void {
    this.answeredAt = monotonicMs()
    this.#sent.shift()
    while (this.#waiting.length > 0 && this.#mayGo()) this.#go(this.#waiting.shift() as Sending)
    if (this.length === 0) this.#announceQuiet()
  }

  #mayGo(): boolean {
    return this.#sent.length === 0 || (this.#client as pg.Client & { pipeline: boolean }).pipeline
  }

  #go(sending: Sending): void {
    this.#sent.push(sending)
    this.#client.query(sending.query as pg.Submittable)
  }

  #announceQuiet(): void {
    if (this.#onQuiet.size === 0) return
    const listeners = [...this.#onQuiet]
    this.#onQuiet.clear()
    for (const listener of listeners) listener()
  }
}
