import { type CreateDatabaseOptions, createDatabase, dropDatabase } from './maintenance.ts'
import { temporaryServer } from './temporary-server.ts'

/** A server for tests, ours or somebody else's. */
export interface TestServer extends AsyncDisposable {
  /** A maintenance connection: its user may create databases. */
  readonly url: string
  /** Ends the server if it is ours; a server named by TEST_DATABASE_URL is left alone. */
  stop(): Promise<void>
  /** Makes a database, named by chance if `name` is left out. @returns its url */
  createDatabase(name?: string, options?: CreateDatabaseOptions): Promise<string>
  /** Drops a database and the connections to it. */
  dropDatabase(name: string): Promise<void>
}

/** The server of TEST_DATABASE_URL if that is set, else a temporary one. */
export async function testServer(): Promise<TestServer> {
  const url = process.env.TEST_DATABASE_URL
  if (!url) return temporaryServer()
  const stop = () => Promise.resolve()
  return {
    url,
    stop,
    createDatabase: (name, options) => createDatabase(url, name, options),
    dropDatabase: (name) => dropDatabase(url, name),
    [Symbol.asyncDispose]: stop,
  }
}
