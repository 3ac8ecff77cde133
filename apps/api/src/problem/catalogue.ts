import { refusal } from './refusal.ts'

/** The refusals that belong to no single resource. */

export const malformedJson = refusal(400, 'MALFORMED_JSON', 'The body is not valid JSON.')

export const unauthenticated = refusal(
  401,
  'UNAUTHENTICATED',
  'This needs a valid access token: send "Authorization: Bearer <token>".',
)

export const notFound = refusal(404, 'NOT_FOUND', 'There is nothing at this address.')

export const methodNotAllowed = refusal(
  405,
  'METHOD_NOT_ALLOWED',
  'This address does not know the method; the Allow header names those it knows.',
)

export const conflict = refusal(
  409,
  'CONFLICT',
  'The request contradicts the data as it is now. Read it again, then decide.',
)

export const bodyTooLarge = refusal(413, 'BODY_TOO_LARGE', 'The body is larger than 1 MiB.')

export const unsupportedMediaType = refusal(
  415,
  'UNSUPPORTED_MEDIA_TYPE',
  'Bodies are JSON: send "Content-Type: application/json".',
)

export const invalidInput = refusal(
  422,
  'INVALID_INPUT',
  'The request is well formed but some of its fields do not fit; "errors" names them.',
)

/** Nobody reads this one; it is what the log and the metrics show. The status is nginx's. */
export const clientGone = refusal(
  499,
  'CLIENT_CLOSED_REQUEST',
  'The client closed the connection before the answer.',
)

export const internal = refusal(
  500,
  'INTERNAL',
  'The server failed. The log has the reason under this requestId.',
)

export const outcomeUnknown = refusal(
  500,
  'OUTCOME_UNKNOWN',
  'The connection to the database broke during the commit: the change may or may not have been made. Read before you repeat it.',
)

export const unavailable = refusal(
  503,
  'UNAVAILABLE',
  'The database cannot be reached at the moment. Nothing was changed.',
  { retryAfterSeconds: 1 },
)

export const interrupted = refusal(
  503,
  'INTERRUPTED',
  'The work was cancelled at the database. Nothing was changed.',
  { retryAfterSeconds: 1 },
)

export const overloaded = refusal(
  503,
  'OVERLOADED',
  'The server has more to do than it can. Nothing was changed.',
  { retryAfterSeconds: 1 },
)

export const contended = refusal(
  503,
  'CONTENDED',
  'Other requests changed the same data at the same time. Nothing was changed by this one.',
  { retryAfterSeconds: 1 },
)

export const timedOut = refusal(
  504,
  'TIMED_OUT',
  'The database did not answer in time. Nothing was changed.',
)

export const requestTimedOut = refusal(
  504,
  'REQUEST_TIMED_OUT',
  'The answer was not ready in time. If this was a write, read before you repeat it.',
)

/** What any route may answer. */
export const ofAnyRoute = [
  internal,
  outcomeUnknown,
  unavailable,
  interrupted,
  overloaded,
  contended,
  timedOut,
  requestTimedOut,
] as const

/** What a route that takes a body may answer as well. */
export const ofBodies = [malformedJson, bodyTooLarge, unsupportedMediaType, invalidInput] as const
