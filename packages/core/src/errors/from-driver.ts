import { type AquiferError, isAquiferError, type Outcome } from './aquifer-error.ts'
import { ConnectionError } from './connection-error.ts'
import { ConstraintError } from './constraint-error.ts'
import { DataError } from './data-error.ts'
import { ServerError } from './server-error.ts'
import { constraintCode, kindOfSqlState } from './sql-state.ts'
import { CancelledError, TimeoutError } from './timeout-error.ts'
import { TransactionError } from './transaction-error.ts'

/** How pg words a refusal on a connection that it knows to be gone. */
const OF_THE_SOCKET = /^(Connection terminated|Client has encountered|Client was closed)/
const FATAL = new Set(['FATAL', 'PANIC'])

interface ServerReply {
  readonly code: string
  readonly message: string
  readonly severity: string
  readonly constraint?: string
  readonly table?: string
  readonly column?: string
  readonly position?: string
}

/**
 * The typed error for whatever the driver or its socket threw. The original is kept as `cause`; an
 * AquiferError is returned as it is.
 *
 * @param ifLost what became of the statement if the connection broke under it
 */
export function fromDriver(error: unknown, ifLost: Outcome = 'unknown'): AquiferError {
  if (isAquiferError(error)) return error
  if (isServerReply(error)) return fromServerReply(error, ifLost)
  return new ConnectionError('CONNECTION_LOST', `the connection broke: ${textOf(error)}`, {
    cause: error,
    outcome: ifLost,
  })
}

/**
 * The typed error of a statement. What pg throws while the connection is whole and the server has said nothing comes
 * from converting parameters.
 */
export function fromStatement(
  error: unknown,
  at: { broken: boolean; ifLost: Outcome },
): AquiferError {
  const ownWords = error instanceof Error && OF_THE_SOCKET.test(error.message)
  if (at.broken || ownWords || isAquiferError(error) || isServerReply(error))
    return fromDriver(error, at.ifLost)
  return new DataError(
    'PARAMETER_INVALID',
    'a parameter could not be converted for the server; nothing was sent. The cause says why',
    { cause: error },
  )
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

function fromServerReply(reply: ServerReply, ifLost: Outcome): AquiferError {
  const details = { cause: reply, sqlState: reply.code }
  const constraint = constraintCode(reply.code)
  if (constraint !== undefined) return new ConstraintError(constraint, reply, details)

  const kind = kindOfSqlState(reply.code)
  if (reply.code === '57014') return fromCancel(reply)
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
  if (kind === 'connection' || FATAL.has(reply.severity)) {
    return new ConnectionError(
      'CONNECTION_LOST',
      `the server closed the connection: ${reply.message}`,
      {
        ...details,
        outcome: ifLost,
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

function fromCancel(reply: ServerReply): AquiferError {
  const details = { cause: reply, sqlState: reply.code }
  return reply.message.includes('statement timeout')
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
  if (aboutText || kind === 'resource') return reply.message
  const what = kind === 'data' ? 'a value' : 'the statement'
  return `the server refused ${what} (SQLSTATE ${reply.code}); its words are in the cause`
}

function isServerReply(error: unknown): error is ServerReply {
  return (
    error instanceof Error &&
    'severity' in error &&
    'code' in error &&
    typeof error.code === 'string'
  )
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return textOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
