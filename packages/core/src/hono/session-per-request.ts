import type { Kysely } from 'kysely'
import type { SessionContext } from '../session/context.ts'
import type { SessionOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import type { Deadline } from '../time/deadline.ts'

/** What the middleware needs of a Hono context; described by its shape, so that core depends on no framework. */
export interface HonoContext {
  readonly req: { readonly method: string; readonly raw: { readonly signal: AbortSignal } }
  readonly res: { readonly status: number }
  /** What a handler threw; Hono has turned it into a response already. */
  readonly error: Error | undefined
  set(key: 'session' | 'db', value: unknown): void
}

/** What the middleware puts into the context: `c.var.session` and `c.var.db`. */
export interface SessionVariables<DB> {
  session: Session<DB>
  db: Kysely<DB>
}

/** Options of `sessionPerRequest`. */
export interface SessionPerRequestOptions<C> {
  /**
   * `transaction` writes, `autocommit` reads statement by statement, `snapshot` reads all of it as of one moment.
   * @default 'autocommit' for GET, HEAD and OPTIONS, 'transaction' for every other method
   */
  mode?: 'transaction' | 'autocommit' | 'snapshot'
  /** On whose behalf the request runs; every method has a transaction by default then, which holds it. */
  context?: (context: C) => SessionContext
  /** Bounds the request's unit of work; the nearer of it and the profile's `deadlineMs` counts. */
  deadline?: (context: C) => Deadline
}

interface SessionOpener<DB> {
  session<T>(fn: (session: Session<DB>) => Promise<T>, options: SessionOptions): Promise<T>
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Hono middleware: one session per request. It commits before the response is handed on, so that no byte of a success
 * leaves before COMMIT has succeeded, and rolls back if the handler throws or answers with a status of 400 or more. A
 * client that goes away cancels the running statement.
 *
 * As middleware of one route, `{ mode: 'snapshot' }` opens that unit inside the request's autocommit session.
 *
 * @throws whatever `engine.session` throws
 */
export function sessionPerRequest<DB, C extends HonoContext>(
  engine: SessionOpener<DB>,
  options: SessionPerRequestOptions<C> = {},
): (context: C, next: () => Promise<void>) => Promise<void> {
  return async (context, next) => {
    const { method, raw } = context.req
    const asked = options.context?.(context)
    const reads = READS.has(method) && asked === undefined
    const mode = options.mode ?? (reads ? 'autocommit' : 'transaction')
    const deadline = options.deadline?.(context)
    await engine.session(
      async (session) => {
        context.set('session', session)
        context.set('db', session.db)
        await next()
        const refused =
          context.error ?? (context.res.status >= 400 ? context.res.status : undefined)
        if (session.mode === 'transaction' && refused !== undefined) session.rollbackOnly()
      },
      {
        ...unitFor(mode),
        signal: raw.signal,
        ...(deadline && { deadline }),
        ...(asked && { context: asked }),
      },
    )
  }
}

function unitFor(mode: 'transaction' | 'autocommit' | 'snapshot'): SessionOptions {
  return mode === 'snapshot'
    ? { mode: 'transaction', propagation: 'new', isolation: 'repeatable read', readOnly: true }
    : { mode }
}
