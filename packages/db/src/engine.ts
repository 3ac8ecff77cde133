import { createEngine, type Engine, UsageError } from '@aquifer/core'
import manifest from '../package.json' with { type: 'json' }
import { type Database, models } from './models/registry.ts'
import { type ProfileName, profiles } from './profiles.ts'

/** The settings that `openEngine` reads. */
export interface DatabaseEnv {
  readonly DATABASE_URL?: string | undefined
}

/** The application's engine: `engine.db` is a `Kysely<Database>` over a pool of its own. */
export type AppEngine = Engine<Database>

/**
 * Opens the pool of one profile and makes sure that the server answers. Close it with `engine.close()`.
 *
 * @throws {UsageError} `DATABASE_URL_MISSING`; {ConnectionError} `CONNECTION_FAILED` or {ServerError} of kind
 *   `permission` if the server cannot be used
 */
export async function openEngine(name: ProfileName, env: DatabaseEnv): Promise<AppEngine> {
  if (!env.DATABASE_URL) {
    throw new UsageError(
      'DATABASE_URL_MISSING',
      'DATABASE_URL is not set: give it as postgres://user:password@host:5432/database',
    )
  }
  const profile = {
    ...profiles[name],
    url: env.DATABASE_URL,
    service: 'app',
    version: manifest.version,
  }
  const engine = createEngine({ profile, models })
  const health = await engine.health()
  if (health.ok) return engine
  await engine.close()
  throw health.error
}
