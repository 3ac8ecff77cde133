/**
 * One way in which a request can be turned down: what clients branch on (`status`, `code`) and what
 * people read (`detail`). The same constant is thrown by the code and listed in the API's document.
 */
export interface Refusal<Status extends number = number> {
  readonly status: Status
  /** Stable: part of the API. */
  readonly code: string
  readonly detail: string
  /** After how long the same request may do better. */
  readonly retryAfterSeconds?: number
}

/** A field that was turned down and why. Never its value. */
export interface FieldError {
  readonly in: 'body' | 'query' | 'path'
  readonly path: string
  readonly message: string
}

/** What a single refusal can add to its constant. */
export interface RefusedDetails {
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** The request is turned down: rolls the unit of work back and is answered as problem+json. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly refusal: Refusal
  readonly errors: readonly FieldError[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    refusal: Refusal,
    { errors, headers, retryAfterSeconds, cause }: RefusedDetails = {},
  ) {
    super(refusal.detail, cause === undefined ? undefined : { cause })
    this.refusal = refusal
    this.errors = errors
    const retryAfter = retryAfterSeconds ?? refusal.retryAfterSeconds
    this.headers = {
      ...(retryAfter !== undefined && {
        'retry-after': String(Math.max(1, Math.ceil(retryAfter))),
      }),
      ...headers,
    }
  }
}

/** Declares a refusal; its status is kept as a literal, for the types of the routes that list it. */
export function refusal<const Status extends number>(
  status: Status,
  code: string,
  detail: string,
  options: { readonly retryAfterSeconds?: number } = {},
): Refusal<Status> {
  return { status, code, detail, ...options }
}
