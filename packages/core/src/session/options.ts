import { UsageError } from '../errors/usage-error.ts'
import type { Deadline } from '../time/deadline.ts'
import type { SessionContext } from './context.ts'

/** What other transactions' writes a transaction may see. */
export type IsolationLevel = 'read committed' | 'repeatable read' | 'serializable'

/**
 * What happens when a session is already open around the call: `required` joins it, `new` opens a second
 * unit on a connection of its own, `nested` opens a savepoint, `mandatory` demands one, `never` refuses one.
 */
export type Propagation = 'required' | 'new' | 'nested' | 'mandatory' | 'never'

/** Options of `engine.session`. */
export interface SessionOptions {
  /** `autocommit` gives the same scope and deadline without a transaction: the lease goes back after each statement. @default 'transaction' */
  mode?: 'transaction' | 'autocommit'
  /** @default 'required' */
  propagation?: Propagation
  /** @default the server's, which is 'read committed' unless it was changed */
  isolation?: IsolationLevel
  /** @default false */
  readOnly?: boolean
  /** Waits until a serializable read-only transaction can run without risk of a conflict. @default false */
  deferrable?: boolean
  /**
   * On whose behalf the unit runs: `{ tenant }` is `current_setting('app.tenant', true)` in the policies of the database, for this transaction
   * alone. It travels with BEGIN and is read with the first snapshot. Names match `[a-z_][a-z0-9_]*`; the prefix is the profile's.
   */
  context?: SessionContext
  /**
   * Lets other statements run while a stream of the session is open, each read of which takes its turn among them. Without effect in an
   * autocommit session, whose streams have a connection of their own. @default false, which refuses them with `STREAM_OPEN`
   */
  cursor?: boolean
  /** Bounds the whole unit; the nearer of this and the profile's `deadlineMs` counts. */
  deadline?: Deadline
  /** Cancels the running statement and dooms the unit. */
  signal?: AbortSignal
}

/** Options of `engine.transaction`. */
export interface TransactionOptions extends Omit<SessionOptions, 'mode'> {
  /**
   * Runs the whole callback again after a serialization failure, a deadlock, or a broken connection that has undone it; the callback must have no effects
   * outside the database. @default false
   */
  retry?: boolean | { attempts: number }
}

/**
 * Refuses what would be ignored.
 *
 * @throws {UsageError} `SESSION_AUTOCOMMIT` if an autocommit session is asked for what only a transaction has
 */
export function assertOptions({ mode, isolation, readOnly, deferrable }: SessionOptions): void {
  if (mode !== 'autocommit') return
  if (isolation === undefined && readOnly !== true && deferrable !== true) return
  throw new UsageError(
    'SESSION_AUTOCOMMIT',
    'isolation, readOnly and deferrable are properties of a transaction: open the session without mode autocommit',
  )
}

/** The statement that opens a transaction with these options. */
export function beginStatement({ isolation, readOnly, deferrable }: SessionOptions): string {
  const parts = ['begin']
  if (isolation !== undefined) parts.push(`isolation level ${isolation}`)
  if (readOnly === true) parts.push('read only')
  if (deferrable === true) parts.push('deferrable')
  return parts.join(' ')
}
