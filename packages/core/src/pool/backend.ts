import type { Socket } from 'node:net'
import type { AquiferError, Outcome } from '../errors/aquifer-error.ts'
import type { Answers } from './answer.ts'
import type { Events, PoolEvents } from './events.ts'
import type { FlightPart } from './flight-writer.ts'
import type { Flown } from './flown.ts'
import type { SaidListener } from './said.ts'
import type { Submittable } from './send-queue.ts'
import type { PoolSettings } from './settings.ts'
import type { Statement, StatementResult } from './statement.ts'
import type { FactsCache } from './statement-facts.ts'

/** How a flight travels. */
export interface FlyOptions {
  /** Lets the server answer before it runs what comes first, so that a dead connection shows at once. */
  readonly early?: boolean
}

/** What a pool gives to each of its connections. */
export interface BackendTerms {
  readonly facts: FactsCache
  /** Which era of the pool it is opened in. */
  readonly epoch: number
  readonly events: Events<PoolEvents>
}

/** Makes a pool's next connection; how many there may be is the pool's business. */
export type OpenBackend = (settings: PoolSettings, terms: BackendTerms) => Promise<Backend>

/** One connection as its pool and its leases know it. */
export interface Backend {
  readonly expiresAt: number
  idleSince: number
  /** How often it was lent. */
  uses: number
  /** It has been asked whether it lives, for the loan that is next. */
  checked: boolean
  /** Which era of the pool it was opened in; see Pool.invalidate(). */
  readonly epoch: number
  /** Why it can be used no more; set once, and then the backend is never lent again. */
  readonly lost: AquiferError | undefined
  /** It was lost before the server had answered anything of its last flight, which therefore met a dead connection. */
  readonly stale: boolean
  /** The server has said itself that it ended before it had begun with the last flight, which therefore was not run. */
  readonly untouched: boolean
  /** Its end was our decision and says nothing about the server. */
  readonly closedByUs: boolean
  /** The server's process id. */
  readonly pid: number
  readonly transactionStatus: 'I' | 'T' | 'E' | null
  /** How many flights are under way or wait to be. */
  readonly load: number
  /** What it is connected by. */
  readonly socket: Socket
  /** When the last answer was complete. */
  readonly answeredAt: number
  /** Whether flights are sent without waiting for the answers of those before; for statements that know no state. */
  shared: boolean
  /** What becomes of all that is under way if it is cut now. */
  readonly outcomeIfCut: Outcome

  /** Runs the profile's own hook. */
  initialize(): Promise<void>
  /** Sends one statement and waits for its answer; errors are typed. */
  run(statement: Statement, options?: FlyOptions): Promise<StatementResult>
  /**
   * Sends `parts` under one Sync and waits for all answers. If one fails, those behind it were not run.
   *
   * @throws {AquiferError} the first failure, typed; once it is thrown the transaction status is that of after it
   */
  fly(parts: readonly FlightPart[], options?: FlyOptions): Promise<Answers>
  /** As `fly`, but a failure comes along with the answers of the statements before it. */
  flyThrough(parts: readonly FlightPart[], options?: FlyOptions): Promise<Flown>
  /** Hands a query class of somebody else's to the driver: a cursor, a copy stream. */
  submit(query: Submittable): void
  /** What becomes of a flight whose answer never arrives: inside a transaction only COMMIT leaves a doubt. */
  outcomeIfLost(parts: readonly FlightPart[]): Outcome
  /** Calls `listener` when the connection breaks; the result takes it off again. */
  whenLost(listener: (error: AquiferError) => void): () => void
  /** Calls `listener` for what the server says unasked; the result takes it off again. */
  whenSaid(listener: SaidListener): () => void
  /** Resolves when nothing is under way any more. */
  quiet(): Promise<void>
  /** Resolves when it has closed. */
  closed(): Promise<void>
  /**
   * Ends what is under way because its caller has given up: its callers get `error` at once, what was not sent never is, and the
   * server is asked to cancel the rest. Until it resolves nobody else may use the connection, or the cancel could hit a stranger's statement.
   *
   * @returns whether the connection can be used again: the cancel was delivered and every answer has come
   */
  settle(error: AquiferError, limitMs: number): Promise<boolean>
  /** Asks the server to cancel what it is at. @returns whether the request was delivered */
  cancel(limitMs: number): Promise<boolean>
  /** Takes it for lost, as a server does that does not answer in time. */
  giveUp(why: string): void
  /** The server has dropped all prepared statements. */
  forgetPrepared(): void
  /** Ends it, whatever it is at. Never rejects. */
  close(): void
}
