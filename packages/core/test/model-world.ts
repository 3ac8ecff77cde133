import { createTestDatabase } from '@aquifer/embedded'
import { Client } from 'pg'
import { inject } from 'vitest'
import { createEngine, type DatabaseOf, type Engine, type Models, presets } from '../src/index.ts'

/** A database with tables of a test's own, and an engine over its models. */
export interface ModelWorld<M extends Models> extends AsyncDisposable {
  readonly engine: Engine<DatabaseOf<M>>
  readonly url: string
  /** Runs a text of SQL outside of the engine. */
  witness(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

/** @param ddl what makes the tables; may hold several statements */
export async function setupModels<M extends Models>(
  models: M,
  ddl: string,
): Promise<ModelWorld<M>> {
  const database = await createTestDatabase(inject('databaseUrl'))
  const { url } = database
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(ddl)
  const engine = createEngine({
    models,
    profile: {
      ...presets.api,
      name: 'test',
      service: 'core-tests',
      version: '0',
      url,
      budget: 'off',
    },
  })
  return {
    engine,
    url,
    witness: async (text, values) => (await client.query(text, values)).rows,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await client.end()
      await database[Symbol.asyncDispose]()
    },
  }
}
