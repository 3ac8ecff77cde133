import { type AquiferError, isAquiferError, type Outcome } from './aquifer-error.ts'
import { ConnectionError } from './connection-error.ts'
import { ConstraintError } from './constraint-error.ts'
import { ServerError } from './server-error.ts'
import { constraintCode, kindOfSqlState } from './sql-state.ts'
import { CancelledError, TimeoutError } from './timeout-error.ts'
import { TransactionError } from './transaction-error.ts'

/** Classes whose words are about the server: lack of resources, limits, the system. */
const OF_THE_SERVER = /^5[348]/
const FATAL = new Set(['FATAL', 'PANIC'])

/** An ErrorResponse as pg gives it. */
export interface ServerReply extends Error {
  readonly code: string
  readonly severity: string
  readonly constraint?: string
  readonly table?: string
  readonly column?: string
  readonly position?: string
  /** The function of the server that raised it. */
  readonly routine?: string
  /** What it was at, in its own language. */
  readonly where?: string
}

/** What is known of a statement that failed. */
export interface FailedStatement {
  /** What became of it if the connection broke under it. @default 'unknown' */
  readonly ifLost?: Outcome
  /** The server was ready again after it: whatever its SQLSTATE says of connections, it does not mean this one. @default false */
  readonly alive?: boolean
  /** It ran for at least as long as statement_timeout allows. */
  readonly overLimit?: boolean
}

/**
 * The typed error for whatever the driver or its socket threw. The original is kept as `cause`; an
 * AquiferError is returned as it is.
 */
export function fromDriver(error: unknown, at: FailedStatement = {}): AquiferError {
  if (isAquiferError(error)) return error
  if (isServerReply(error)) return fromServerReply(error, at)
  return new ConnectionError('CONNECTION_LOST', `the connection broke: ${textOf(error)}`, {
    cause: error,
    outcome: at.ifLost ?? 'unknown',
  })
}

/** The typed error for a connection that could not be opened. Nothing was run. */
export function fromConnect(error: unknown, target: string): AquiferError {
  if (isAquiferError(error)) return error
  const reply = isServerReply(error) ? error : undefined
  if (reply !== undefined && kindOfSqlState(reply.code) === 'permission') {
    return new ServerError(
      `SERVER_${reply.code}`,
      'permission',
      `${target} refused the login: ${reply.message}`,
      { cause: error, sqlState: reply.code },
    )
  }
  return new ConnectionError(
    'CONNECTION_FAILED',
    `cannot connect to ${target}: ${textOf(error)}. Check that the server runs and that the address is right.`,
    { cause: error, sqlState: reply?.code },
  )
}

function fromServerReply(reply: ServerReply, at: FailedStatement): AquiferError {
  const details = { cause: reply, sqlState: reply.code }
  const constraint = constraintCode(reply.code)
  if (constraint !== undefined) return new ConstraintError(constraint, reply, details)

  const stated = kindOfSqlState(reply.code)
  // A server that ends the connection says so with this severity, also if its end has not been seen yet.
  const isFatal = FATAL.has(reply.severity)
  const kind = stated === 'connection' && at.alive === true && !isFatal ? 'resource' : stated
  if (reply.code === '57014') return fromCancel(reply, at)
  if (reply.code === '55P03') {
    return new TimeoutError('LOCK_TIMEOUT', 'a lock was not free within lock_timeout', details)
  }
  if (reply.code === '25P02') {
    return new TransactionError(
      'TRANSACTION_ABORTED',
      'an earlier statement of this transaction failed; only a rollback is possible',
      details,
    )
  }
  if (isFatal || (at.alive !== true && kind === 'connection')) {
    return new ConnectionError(
      'CONNECTION_LOST',
      `the server closed the connection: ${reply.message}`,
      {
        ...details,
        outcome: at.ifLost ?? 'unknown',
      },
    )
  }
  if (kind === 'serialization') {
    return new ServerError(
      'SERIALIZATION_FAILURE',
      kind,
      'a concurrent transaction got in the way',
      details,
    )
  }
  if (kind === 'deadlock') {
    return new ServerError(
      'DEADLOCK_DETECTED',
      kind,
      'the transaction was chosen to end a deadlock',
      details,
    )
  }
  return new ServerError(`SERVER_${reply.code}`, kind, messageWithoutValues(reply, kind), details)
}

/** One SQLSTATE for two things. The words tell them apart in English, the time it ran in every language. */
function fromCancel(reply: ServerReply, at: FailedStatement): AquiferError {
  const details = { cause: reply, sqlState: reply.code }
  return at.overLimit === true || reply.message.includes('statement timeout')
    ? new TimeoutError(
        'STATEMENT_TIMEOUT',
        'the statement ran longer than statement_timeout',
        details,
      )
    : new CancelledError('the statement was cancelled on the server', details)
}

/** What PostgreSQL says of the text of a statement is kept; what it says while it runs may quote a value. */
function messageWithoutValues(reply: ServerReply, kind: string): string {
  // A syntax error without a position is that of a value, as in to_tsquery().
  const ofStatement = reply.code !== '42601' || reply.position !== undefined
  const aboutText = (kind === 'syntax' && ofStatement) || kind === 'permission'
  if (aboutText || OF_THE_SERVER.test(reply.code)) return reply.message
  const what = kind === 'data' ? 'a value' : 'the statement'
  return `the server refused ${what} (SQLSTATE ${reply.code}); its words are in the cause`
}

/** Whether `error` is what the server itself said, as an ErrorResponse. */
export function isServerReply(error: unknown): error is ServerReply {
  return (
    error instanceof Error &&
    'severity' in error &&
    typeof error.severity === 'string' &&
    'code' in error &&
    typeof error.code === 'string'
  )
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
