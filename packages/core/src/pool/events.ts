import { EventEmitter } from 'node:events'
import type { Outcome } from '../errors/aquifer-error.ts'
import { harmless } from './harmless.ts'

/** Why a connection was closed. */
export type CloseReason =
  /** It broke, or the server ended it. */
  | 'lost'
  /** It came back inside a transaction. */
  | 'openTransaction'
  /** It came back with a statement under way. */
  | 'inFlight'
  /** It came back with state that the next borrower must not inherit. */
  | 'sessionState'
  /** A statement on it was given up and did not end in time. */
  | 'doubtful'
  /** Its holder asked for it. */
  | 'asked'
  /** Its holder did not give it back. */
  | 'reclaimed'
  /** It was above the size of the pool. */
  | 'overflow'
  /** It was older than maxLifetimeMs. */
  | 'lifetime'
  /** Nobody needed it for idleTimeoutMs. */
  | 'idle'
  /** It was lent maxUses times. */
  | 'uses'
  /** It was older than the last disconnect or the last call of invalidate(). */
  | 'invalidated'
  | 'failedPing'
  | 'failedReset'
  | 'poolClosed'

/** A query that a session repeats for each row of an earlier result. */
export interface NPlusOneFound {
  /** The model that the earlier rows are of; undefined if that cannot be told. */
  model: string | undefined
  /** The relation whose loading is missing; undefined if none is declared. */
  relation: string | undefined
  /** The model that is read row by row, and the column that it is found by. */
  target: string
  column: string
  /** What is missing, as it would be written. */
  load: string | undefined
  /** Where the query is, as `at feed (/app/src/feed.ts:12:9)`. */
  at: string
}

/** The events of a pool and what each carries. Listening changes nothing and may not veto. */
export interface PoolEvents {
  /** A connection was opened. */
  connect: { backendPid: number; tookMs: number }
  /** A connection could not be opened. */
  connectFailed: { error: Error }
  /** A lease was handed out, after `waitedMs`. */
  checkout: { backendPid: number; waitedMs: number }
  /** A lease came back, held for `heldMs`. */
  checkin: { backendPid: number; heldMs: number }
  /** A statement has ended; emitted only if somebody listens. Parameters are counted and not shown. */
  statement: {
    backendPid: number
    text: string
    parameters: number
    tookMs: number
    rows: number
    error?: Error
  }
  /** A connection was reset before it is lent again. */
  reset: { backendPid: number }
  /** Connections opened before this moment are retired; `error` is the disconnect that showed them to be doubtful. */
  invalidate: { connections: number; error?: Error }
  /** A connection left the pool. */
  close: { backendPid: number; reason: CloseReason; error?: Error }
  /** A caller has to wait; `waiting` counts it. */
  wait: { waiting: number }
  /** A caller was turned away. */
  timeout: { waitedMs: number; waiting: number }
  /** A lease is held for longer than leakAfterMs; once per lease. */
  leak: { backendPid: number; heldMs: number; takenAt: string }
  /** A transaction of a session is open for longer than longTransactionMs; once per unit, while it is open. */
  longTransaction: { openMs: number; takenAt: string; backendPid: number }
  /** An HTTP request was begun inside a transaction of a session, at this place in the caller's code. */
  networkCall: { host: string; at: string; method?: string }
  /** A session reads row by row what one query could read; once for each kind of query in a unit of work. */
  nPlusOne: NPlusOneFound
  /** A COMMIT whose answer was lost has been looked into. */
  commitResolved: { outcome: Outcome; tookMs: number }
  /** A hook that runs after the end of a unit of work failed; the unit's outcome stands. */
  hookFailed: { error: unknown }
}

/** A typed emitter. A listener may not veto: what it throws becomes a process warning. */
export class Events<Map extends object> {
  readonly #emitter = new EventEmitter()

  /** Calls `listener` for each event of this name; the result takes it off again. */
  on<Name extends keyof Map & string>(
    name: Name,
    listener: (event: Map[Name]) => void,
  ): () => void {
    const bound = harmless(name, listener)
    this.#emitter.on(name, bound)
    return () => {
      this.#emitter.off(name, bound)
    }
  }

  emit<Name extends keyof Map & string>(name: Name, event: Map[Name]): void {
    this.#emitter.emit(name, event)
  }

  /** Whether somebody listens; what happens for each statement makes no event for nobody. */
  has(name: keyof Map & string): boolean {
    return this.#emitter.listenerCount(name) > 0
  }
}
