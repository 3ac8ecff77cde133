import {
  AcquireTimeoutError,
  AquiferError,
  CancelledError,
  ConnectionError,
  PoolClosedError,
  ServerError,
  TimeoutError,
  TransactionError,
} from '@aquifer/core'
import { HTTPException } from 'hono/http-exception'
import { expect, test } from 'vitest'
import { refusedBy } from './from-error.ts'

const load = { limit: 60, inUse: 60, waiting: 9, longestHeldMs: 0, longestHolder: undefined }

test.each([
  [new AcquireTimeoutError(2000, load), 503, 'OVERLOADED', '1'],
  [new ConnectionError('CONNECTION_FAILED', 'cannot connect'), 503, 'UNAVAILABLE', '1'],
  [new PoolClosedError(), 503, 'UNAVAILABLE', '1'],
  [new CancelledError('cancelled'), 503, 'INTERRUPTED', '1'],
  [
    new ServerError('DEADLOCK_DETECTED', 'deadlock', 'deadlock', { sqlState: '40P01' }),
    503,
    'CONTENDED',
    '1',
  ],
  [new TimeoutError('DEADLINE_EXCEEDED', 'too late'), 504, 'TIMED_OUT', undefined],
  [new TimeoutError('STATEMENT_TIMEOUT', 'too slow'), 504, 'TIMED_OUT', undefined],
  [new TransactionError('COMMIT_ROLLED_BACK', 'swallowed'), 500, 'INTERNAL', undefined],
  [new HTTPException(418, { message: 'teapot' }), 500, 'INTERNAL', undefined],
  [new TypeError('x is undefined'), 500, 'INTERNAL', undefined],
])('%o is refused with %i %s', (error, status, code, retryAfter) => {
  const refused = refusedBy(error)

  expect(refused.refusal).toMatchObject({ status, code })
  expect(refused.headers['retry-after']).toBe(retryAfter)
  expect(refused.cause).toBe(error)
})

test.each([
  [400, 'MALFORMED_JSON'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [504, 'REQUEST_TIMED_OUT'],
] as const)('what the framework refuses with %i is refused in our words', (status, code) => {
  expect(refusedBy(new HTTPException(status)).refusal).toMatchObject({ status, code })
})

test('only a COMMIT whose fate is unknown is not said to have changed nothing', () => {
  const details = { outcome: 'unknown' } as const
  const commit = refusedBy(new TransactionError('COMMIT_OUTCOME_UNKNOWN', 'broke', details))
  const statement = refusedBy(new ConnectionError('CONNECTION_LOST', 'broke', details))

  expect(commit.refusal).toMatchObject({ status: 500, code: 'OUTCOME_UNKNOWN' })
  expect(commit.headers).toEqual({})
  expect(statement.refusal).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
})

test('an error of another copy of the library is recognised', () => {
  const foreign = Object.create(null, {
    ...Object.getOwnPropertyDescriptors(new AquiferError('SOME_CODE', 'overload', 'busy')),
  })

  expect(refusedBy(foreign).refusal.code).toBe('OVERLOADED')
})
