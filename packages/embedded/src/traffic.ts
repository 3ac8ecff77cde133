import type { Direction, Frame } from './protocol-framing.ts'
import type { ToClientMessage, ToServerMessage } from './protocol-names.ts'

/** What clients have asked of a server. The start of a session counts nothing. */
export interface TrafficCounts {
  /** Runs of client messages that end with Query or Sync, so that the server answers with ReadyForQuery. */
  readonly flights: number
  /** Flights that began while nothing was unanswered: a pipeline of several is one. */
  readonly roundTrips: number
  /** Query and Execute messages. */
  readonly statements: number
}

/** A message that has come through a proxy. */
export interface RecordedMessage {
  /** Counts from 1 in the order in which clients connected. */
  readonly connection: number
  readonly direction: Direction
  readonly message: ToServerMessage | ToClientMessage
  /**
   * The statement of Query, Parse, Bind and Execute (its first 64 KiB), the tag of CommandComplete, SQLSTATE and
   * message of ErrorResponse and NoticeResponse, the status letter of ReadyForQuery, `name=value` of
   * ParameterStatus, the channel of NotificationResponse. Never a parameter, a row or a password.
   */
  readonly text: string | undefined
  /** How many of them came one after the other; only rows are counted together. */
  readonly count: number
}

/** What has passed through a proxy since it was begun. */
export interface Recording extends Disposable {
  readonly messages: readonly RecordedMessage[]
  readonly counts: TrafficCounts
  /** The messages as `> Query begin` and `< CommandComplete BEGIN`, of one connection or of all. */
  lines(connection?: number): string[]
  /** Forgets what it has, and goes on. */
  clear(): void
  /** Ends it; what it has stays. */
  stop(): void
}

/** Counts the flights of all connections of a proxy. */
export class TrafficCounter implements TrafficCounts {
  flights = 0
  roundTrips = 0
  statements = 0
  readonly #unanswered = new Map<number, number>()

  see(connection: number, { name }: Frame): void {
    const unanswered = this.#unanswered.get(connection) ?? 0
    if (name === 'Query' || name === 'Execute') this.statements++
    if (name === 'Query' || name === 'Sync') {
      this.flights++
      if (unanswered === 0) this.roundTrips++
      this.#unanswered.set(connection, unanswered + 1)
    } else if (name === 'ReadyForQuery') {
      this.#unanswered.set(connection, Math.max(0, unanswered - 1))
    }
  }

  forget(connection: number): void {
    this.#unanswered.delete(connection)
  }
}

/** Writes down what it is shown. */
export class TrafficRecorder implements Recording {
  #counter = new TrafficCounter()
  #messages: (RecordedMessage & { count: number })[] = []
  readonly #onStop: (recorder: TrafficRecorder) => void

  constructor(onStop: (recorder: TrafficRecorder) => void) {
    this.#onStop = onStop
  }

  get messages(): readonly RecordedMessage[] {
    return this.#messages
  }

  get counts(): TrafficCounts {
    const { flights, roundTrips, statements } = this.#counter
    return { flights, roundTrips, statements }
  }

  see(connection: number, direction: Direction, frame: Frame): void {
    const { name: message, text } = frame
    this.#counter.see(connection, frame)
    const last = this.#messages.at(-1)
    const isRow = message === 'DataRow' || message === 'CopyData'
    if (isRow && last?.message === message && last.connection === connection) last.count++
    else this.#messages.push({ connection, direction, message, text, count: 1 })
  }

  lines(connection?: number): string[] {
    return this.#messages
      .filter((one) => connection === undefined || one.connection === connection)
      .map(({ direction, message, text, count }) => {
        const arrow = direction === 'toServer' ? '>' : '<'
        const what = text ? `${message} ${text}` : message
        return count === 1 ? `${arrow} ${what}` : `${arrow} ${what} x${count}`
      })
  }

  clear(): void {
    this.#messages = []
    this.#counter = new TrafficCounter()
  }

  stop(): void {
    this.#onStop(this)
  }

  [Symbol.dispose](): void {
    this.stop()
  }
}
