import { isAquiferError } from '@aquifer/core'
import { HTTPException } from 'hono/http-exception'
import { REFUSAL_BY_KIND } from './by-kind.ts'
import {
  internal,
  malformedJson,
  notFound,
  outcomeUnknown,
  requestTimedOut,
  unavailable,
  unsupportedMediaType,
} from './catalogue.ts'
import { type Refusal, RefusedError } from './refusal.ts'

/** What Hono and its validators throw on their own account. */
const REFUSAL_BY_STATUS: Readonly<Record<number, Refusal>> = {
  400: malformedJson,
  404: notFound,
  415: unsupportedMediaType,
  504: requestTimedOut,
}

/** What a client is told about `error`: never more than its refusal says. The error is kept as the cause. */
export function refusedBy(error: unknown): RefusedError {
  if (error instanceof RefusedError) return error
  const expected = error instanceof HTTPException ? REFUSAL_BY_STATUS[error.status] : undefined
  if (expected !== undefined) return new RefusedError(expected)
  return new RefusedError(refusalOf(error), { cause: error })
}

function refusalOf(error: unknown): Refusal {
  if (!isAquiferError(error)) return internal
  // The only failure after which a write may stand: each one runs in a transaction, up to its COMMIT.
  if (error.code === 'COMMIT_OUTCOME_UNKNOWN') return outcomeUnknown
  // A request that arrives while the process stops is a matter of time, not of our code.
  if (error.code === 'POOL_CLOSED') return unavailable
  return REFUSAL_BY_KIND[error.kind]
}
