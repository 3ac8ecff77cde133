import { models, openEngine, profiles } from '@app/db'
import { sendWelcome } from '@app/db/jobs'
import { createEngine, type ProfilePreset } from '@aquifer/core'
import { nPlusOne } from '@aquifer/core/load'
import { createJobs } from '@aquifer/jobs'
import { createApp } from '../src/app.ts'
import type { AppParts } from '../src/app-parts.ts'
import { createAccessTokens } from '../src/auth/access-token.ts'
import { createLogger } from '../src/logger.ts'
import { createMetrics } from '../src/metrics.ts'
import { migratedDatabase } from './migrated-database.ts'

/** The whole API over a migrated database of its own, and a second engine that sees what is committed. */
export async function setup(
  overrides: Partial<AppParts> & { profile?: Partial<ProfilePreset> } = {},
) {
  const stack = new AsyncDisposableStack()
  const database = stack.use(await migratedDatabase())
  const onlooker = stack.use(await openEngine('migrations', { DATABASE_URL: database.url }))
  const profile = {
    ...profiles.api,
    url: database.url,
    service: 'test',
    version: '0',
    ...overrides.profile,
  }
  const engine = stack.use(createEngine({ profile, models, watch: nPlusOne('throw') }))
  const jobs = stack.use(createJobs({ engine, contracts: [sendWelcome] }))
  const shutdown = new AbortController()
  const lines: string[] = []
  const app = createApp({
    engine,
    jobs,
    tokens: createAccessTokens('a secret that is longer than 32 characters'),
    metrics: createMetrics(engine),
    logger: createLogger('debug', { write: (line) => lines.push(line) }),
    shutdown: shutdown.signal,
    ...overrides,
  })

  const request = (method: string, path: string, body?: unknown, token?: string) =>
    app.request(path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

  return {
    app,
    engine,
    database,
    shutdown,
    /** Connections of its own: what it sees is committed. */
    onlooker: onlooker.db,
    /** Takes locks that the API then waits for. */
    rival: onlooker,
    /** Everything that was logged. */
    lines,
    get: (path: string, token?: string) => request('GET', path, undefined, token),
    post: (path: string, body?: unknown, token?: string) => request('POST', path, body, token),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export type Api = Awaited<ReturnType<typeof setup>>

export const password = 'correct horse battery staple'

/** Registers a user named `username` and gives their token. */
export async function registered(
  { post }: Api,
  username: string,
): Promise<{ id: string; token: string }> {
  const body = { email: `${username}@example.com`, username, password }
  const response = await post('/auth/register', body)
  const { user, token } = await bodyOf<{ user: { id: string }; token: string }>(response)
  return { id: user.id, token }
}

/** The JSON of an answer. */
export async function bodyOf<Body = Record<string, unknown>>(response: Response): Promise<Body> {
  return (await response.json()) as Body
}
