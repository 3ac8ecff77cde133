import { STATUS_CODES } from 'node:http'
import { z } from '@hono/zod-openapi'
import type { FieldError, Refusal } from './refusal.ts'

/** The body of every refusal (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().openapi({ description: 'Always about:blank; `code` tells problems apart.' }),
    title: z.string().openapi({ description: 'The phrase of the status.' }),
    status: z.int(),
    detail: z.string().openapi({ description: 'For people; may change.' }),
    code: z.string().openapi({ description: 'For programs; stable.' }),
    requestId: z.string().openapi({ description: 'Finds this request in the log.' }),
    errors: z
      .array(
        z.object({
          in: z.enum(['body', 'query', 'path']),
          path: z.string().openapi({ example: 'email' }),
          message: z.string(),
        }),
      )
      .optional()
      .openapi({ description: 'The fields that did not fit.' }),
  })
  .openapi('Problem')

export type Problem = z.infer<typeof problemSchema>

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** The body that says `refusal`. */
export function problemOf(
  refusal: Refusal,
  requestId: string,
  errors?: readonly FieldError[],
): Problem {
  const { status, code, detail } = refusal
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Client Closed Request',
    status,
    detail,
    code,
    requestId,
    ...(errors && { errors: [...errors] }),
  }
}

interface ProblemResponse {
  description: string
  headers?: typeof retryAfter
  content: { [PROBLEM_MEDIA_TYPE]: { schema: typeof problemSchema; examples: Examples } }
}

type Examples = Record<string, { value: Problem }>

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
} as const

/**
 * The `responses` of a route that may answer with these refusals: one entry per status, one example
 * per refusal.
 */
export function problems<const Refusals extends readonly Refusal[]>(
  ...refusals: Refusals
): { [Status in Refusals[number]['status']]: ProblemResponse } {
  const byStatus = Map.groupBy(refusals, (refusal) => refusal.status)
  const responses = [...byStatus].map(([status, group]) => [status, responseOf(group)])
  return Object.fromEntries(responses)
}

function responseOf(group: readonly Refusal[]): ProblemResponse {
  const examples: Examples = {}
  for (const refusal of group) {
    examples[refusal.code] = { value: problemOf(refusal, '0199f2d5-7f0c-7cf2-9d6e-5f3c1c0a4e11') }
  }
  const worthRepeating = group.some(({ retryAfterSeconds }) => retryAfterSeconds !== undefined)
  return {
    ...(worthRepeating && { headers: retryAfter }),
    description: group.map((refusal) => refusal.detail).join(' '),
    content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema, examples } },
  }
}
