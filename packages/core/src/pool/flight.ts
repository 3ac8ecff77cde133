import type { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import pg from 'pg'
import { isServerReply } from '../errors/from-driver.ts'
import type { Answer } from './answer.ts'
import { isFarewell } from './last-words.ts'
import type { ResultField } from './row-reader.ts'

/** Why a flight did not bring all its answers. */
export interface FlightFailure {
  /** As the driver or the server gave it. */
  readonly error: unknown
  /** Which of its statements the server was at. */
  readonly at: number
}

/** What a query class is given of the connection. */
interface Wire {
  readonly stream: Pick<Writable, 'write' | 'cork' | 'uncork' | 'writableCorked'>
  once(event: 'readyForQuery', listener: () => void): void
}

/** How a flight goes and ends. */
export interface FlightCourse {
  readonly bytes: Buffer
  /** A text of several statements, in the protocol that alone takes it. */
  readonly simple: boolean
  /** Flights of one turn of the event loop leave in one write. */
  readonly coalesce: boolean
  /** One for each statement; empty for a text of several statements, whose answers `next` makes as they come. */
  readonly answers: Answer[]
  readonly next: () => Answer
  /** What a COPY that wants data is told: its Sync was swallowed, so that it needs another. */
  readonly copyFail: () => Buffer
  /** Called once, when the server is ready again or the connection has ended. */
  readonly settle: (failure: FlightFailure | undefined) => void
}

// pg takes a query class of any other descent for one that keeps a portal open, and refuses it while it pipelines.
const Query = pg.Query as unknown as new (text: string) => EventEmitter

/**
 * Statements that travel together under ONE Sync, and the answers to them. If one fails the server skips those
 * behind it, so that nothing runs without the BEGIN in front of it.
 *
 * A query class of pg's: the client hands it the messages while it is the oldest that was sent. It settles when the server
 * is ready again, errors included, so that the transaction status is known whenever a caller hears of it.
 *
 * @see "Pipelining" in the PostgreSQL protocol documentation
 */
export class Flight extends Query {
  readonly #course: FlightCourse
  readonly #expected: number
  #at = 0
  #failure: FlightFailure | undefined
  #settled = false
  /** Whether the server has said anything about it. */
  answered = false

  constructor(course: FlightCourse) {
    super('')
    this.#course = course
    // How many statements a text holds only the server knows; it answers at least once.
    this.#expected = course.simple ? 1 : course.answers.length
  }

  submit({ stream }: Wire): void {
    if (this.#course.coalesce && stream.writableCorked === 0) {
      stream.cork()
      process.nextTick(() => stream.uncork())
    }
    stream.write(this.#course.bytes)
  }

  handleRowDescription({ fields }: { fields: readonly ResultField[] }): void {
    this.answered = true
    this.#current().describe(fields)
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    this.answered = true
    this.#current().add(fields)
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.answered = true
    this.#current().complete(text)
    this.#at += 1
  }

  handlePortalSuspended(): void {
    this.#current().suspended = true
    this.#at += 1
  }

  handleEmptyQuery(): void {
    this.answered = true
    this.#at += 1
  }

  handleCopyInResponse(connection: Wire): void {
    connection.stream.write(this.#course.copyFail())
  }

  handleCopyData(): void {}

  /** The server's refusal, with its ReadyForQuery still to come; or the end of the connection. */
  handleError(error: unknown, connection: Wire): void {
    this.#failure ??= { error, at: this.#at }
    if (isServerReply(error)) {
      if (!isFarewell(error)) this.answered = true
      connection.once('readyForQuery', () => this.#end())
    } else this.#end()
  }

  /** One that comes before the answers belongs to somebody else: the connection is out of step and must not go on. */
  handleReadyForQuery(): void {
    if (this.#failure === undefined && this.#at < this.#expected)
      this.fail(
        new Error('the server was ready before it had answered: the connection is out of step'),
      )
    else this.#end()
  }

  /** Ends it from outside: no answer will come. */
  fail(error: unknown): void {
    this.#failure ??= { error, at: this.#at }
    this.#end()
  }

  #current(): Answer {
    const { answers, next } = this.#course
    const known = answers[this.#at]
    if (known !== undefined) return known
    const grown = next()
    answers.push(grown)
    return grown
  }

  #end(): void {
    if (this.#settled) return
    this.#settled = true
    this.#course.settle(this.#failure)
  }
}
