import { openEngine } from '@app/db'
import { migrate } from '@app/db/migrations'
import { createTestDatabase, type TestDatabase } from '@aquifer/embedded'
import { afterAll, beforeAll, inject } from 'vitest'

let template: TestDatabase

beforeAll(async () => {
  template = await createTestDatabase(inject('databaseUrl'))
  await using engine = await openEngine('migrations', { DATABASE_URL: template.url })
  await migrate(engine)
})

afterAll(() => template[Symbol.asyncDispose]())

/** An empty database with the application's tables: a copy of the one that was migrated for the file. */
export function migratedDatabase(): Promise<TestDatabase> {
  return createTestDatabase(inject('databaseUrl'), { template: template.name })
}
