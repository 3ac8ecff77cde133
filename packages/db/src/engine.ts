import { createEngine, type Engine, UsageError } from '@aquifer/core'
import { type NPlusOneMode, nPlusOne } from '@aquifer/core/load'
import manifest from '../package.json' with { type: 'json' }
import { type Database, models } from './models/registry.ts'
import { type ProfileName, profiles } from './profiles.ts'

/** The settings that `openEngine` reads. */
export interface DatabaseEnv {
  readonly DATABASE_URL?: string | undefined
  /**
   * `production` refuses to start when the pools of the application need more connections than there are; else that is a warning. Queries that are
   * repeated for each row are told of, in `test` refused, and in `production` not looked for.
   */
  readonly NODE_ENV?: string | undefined
}

/** The application's engine: `engine.db` is a `Kysely<Database>` over a pool of its own. */
export type AppEngine = Engine<Database>

/**
 * Opens the pool of one profile and makes sure that the server answers. Close it with `engine.close()`.
 *
 * @throws {UsageError} `DATABASE_URL_MISSING`, `BUDGET_EXCEEDED` in production; {ConnectionError} `CONNECTION_FAILED` or {ServerError} of kind
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
  const engine = createEngine({ profile, models, watch: nPlusOne(nPlusOneMode(env)) })
  const health = await engine.health()
  try {
    if (!health.ok) throw health.error
    if (profile.budget !== 'off') await assertBudget(engine, env)
    return engine
  } catch (error) {
    await engine.close()
    throw error
  }
}

function nPlusOneMode({ NODE_ENV }: DatabaseEnv): NPlusOneMode {
  if (NODE_ENV === 'production') return 'off'
  return NODE_ENV === 'test' ? 'throw' : 'log'
}

/** Pools that together may ask for more than the server has fail when load is highest: better now. */
async function assertBudget(engine: AppEngine, env: DatabaseEnv): Promise<void> {
  const { fits, message } = await engine.budget(Object.values(profiles))
  if (fits) return
  if (env.NODE_ENV === 'production') throw new UsageError('BUDGET_EXCEEDED', message)
  process.emitWarning(message, 'AquiferWarning')
}
