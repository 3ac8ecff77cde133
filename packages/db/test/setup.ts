import { openTestDatabase } from '@aquifer/testing'
import { inject } from 'vitest'
import { type AppEngine, openEngine } from '../src/index.ts'
import { migrate } from '../src/migrations.ts'

/** A migrated database of its own, and the API's engine over it. */
export interface World extends AsyncDisposable {
  readonly engine: AppEngine
  readonly env: { readonly DATABASE_URL: string }
}

export async function setup(): Promise<World> {
  const serverUrl = inject('databaseUrl')
  const database = await openTestDatabase({ serverUrl, name: 'app_db', prepare: deploy })
  const env = { DATABASE_URL: database.url, NODE_ENV: 'test' }
  const engine = await openEngine('api', env)
  return {
    engine,
    env,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

async function deploy(url: string): Promise<void> {
  await using engine = await openEngine('migrations', { DATABASE_URL: url })
  await migrate(engine)
}
