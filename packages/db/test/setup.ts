import { createTestDatabase } from '@aquifer/embedded'
import { inject } from 'vitest'
import { type AppEngine, openEngine } from '../src/index.ts'
import { migrate } from '../src/migrations.ts'

/** A migrated database of its own, and the API's engine over it. */
export interface World extends AsyncDisposable {
  readonly engine: AppEngine
  readonly env: { readonly DATABASE_URL: string }
}

export async function setup(): Promise<World> {
  const database = await createTestDatabase(inject('databaseUrl'))
  const env = { DATABASE_URL: database.url }
  const deploy = await openEngine('migrations', env)
  await migrate(deploy)
  await deploy.close()
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
