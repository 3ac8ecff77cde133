import { type CreateDatabaseOptions, createDatabase, dropDatabase } from './maintenance.ts'

/** A database that lives as long as its test. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  readonly name: string
}

/**
 * Makes a database on a test server; disposing drops it, together with connections left open.
 *
 * @param url a maintenance connection, as a test gets it from `inject('databaseUrl')`
 * @throws {EmbeddedError} `DATABASE_FAILED`
 */
export async function createTestDatabase(
  url: string,
  options: CreateDatabaseOptions = {},
): Promise<TestDatabase> {
  const created = await createDatabase(url, undefined, options)
  const name = new URL(created).pathname.slice(1)
  return { url: created, name, [Symbol.asyncDispose]: () => dropDatabase(url, name) }
}
