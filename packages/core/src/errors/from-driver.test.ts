import { DatabaseError } from 'pg'
import { expect, test } from 'vitest'
import { isAquiferError } from './aquifer-error.ts'
import { fromConnect, fromDriver } from './from-driver.ts'

const SECRET = 'hunter2'

function reply(code: string, message = 'refused'): DatabaseError {
  const error = new DatabaseError(message, message.length, 'error')
  return Object.assign(error, {
    code,
    severity: 'ERROR',
    detail: `Key (password)=(${SECRET}) exists`,
  })
}

test.each([
  ['23505', 'UNIQUE_VIOLATION', 'constraint', false],
  ['23001', 'FOREIGN_KEY_VIOLATION', 'constraint', false],
  ['23503', 'FOREIGN_KEY_VIOLATION', 'constraint', false],
  ['23514', 'CHECK_VIOLATION', 'constraint', false],
  ['23502', 'NOT_NULL_VIOLATION', 'constraint', false],
  ['23P01', 'EXCLUSION_VIOLATION', 'constraint', false],
  ['40001', 'SERIALIZATION_FAILURE', 'serialization', true],
  ['40P01', 'DEADLOCK_DETECTED', 'deadlock', true],
  ['55P03', 'LOCK_TIMEOUT', 'timeout', false],
  ['25P02', 'TRANSACTION_ABORTED', 'transaction', false],
  ['57P01', 'CONNECTION_LOST', 'connection', false],
  ['08006', 'CONNECTION_LOST', 'connection', false],
  ['42501', 'SERVER_42501', 'permission', false],
  ['42601', 'SERVER_42601', 'syntax', false],
  ['22P02', 'SERVER_22P02', 'data', false],
  ['53100', 'SERVER_53100', 'resource', false],
])('SQLSTATE %s is %s of kind %s, retryable: %s', (sqlState, code, kind, retryable) => {
  const cause = reply(sqlState)
  const error = fromDriver(cause)
  expect(error).toMatchObject({ code, kind, retryable, sqlState, cause })
})

test('57014 is a statement timeout or a cancel, as the server says', () => {
  expect(fromDriver(reply('57014', 'canceling statement due to statement timeout')).code).toBe(
    'STATEMENT_TIMEOUT',
  )
  expect(fromDriver(reply('57014', 'canceling statement due to user request')).code).toBe(
    'CANCELLED',
  )
})

test('no message carries a value', () => {
  for (const code of ['23505', '22P02', '22001', '40001']) {
    expect(fromDriver(reply(code, `invalid input syntax: "${SECRET}"`)).message).not.toContain(
      SECRET,
    )
  }
})

test('a broken socket leaves the outcome open, a failed connect does not', () => {
  expect(fromDriver(new Error('read ECONNRESET'))).toMatchObject({
    code: 'CONNECTION_LOST',
    outcome: 'unknown',
  })
  expect(fromConnect(new Error('connect ECONNREFUSED'), 'db:5432')).toMatchObject({
    code: 'CONNECTION_FAILED',
    outcome: 'rolledBack',
    retryable: true,
  })
})

test('an error that is typed already stays what it is', () => {
  const error = fromDriver(reply('23505'))
  expect(fromDriver(error)).toBe(error)
  expect(isAquiferError(error)).toBe(true)
  expect(isAquiferError(new Error('other'))).toBe(false)
})

test('a FATAL reply ends the connection although nobody has seen its end yet', () => {
  const words = 'terminating connection due to administrator command'
  const reply = Object.assign(new Error(words), { severity: 'FATAL', code: '57P01' })
  const lost = { code: 'CONNECTION_LOST', kind: 'connection', sqlState: '57P01' }
  expect(fromDriver(reply, { alive: true, ifLost: 'rolledBack' })).toMatchObject({
    ...lost,
    outcome: 'rolledBack',
  })
  const inFunction = Object.assign(new Error(words), { severity: 'ERROR', code: '57P01' })
  expect(fromDriver(inFunction, { alive: true })).toMatchObject({ kind: 'resource' })
})
