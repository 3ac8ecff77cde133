import { createEngine, type Lease, presets } from '@aquifer/core'
import { createTestDatabase, type TestDatabase } from '@aquifer/embedded'

export type { TestDatabase }

/** Where a test database comes from. */
export interface TestDatabaseOptions {
  /** A maintenance connection of the server; its user may create databases. */
  readonly serverUrl: string
  /** Which template is meant: all who give the same name, in whatever process, share one. */
  readonly name: string
  /** Fills the empty database behind `url`, as migrations do, and closes its connections. */
  readonly prepare: (url: string) => Promise<void>
}

/**
 * Makes a database that is a copy of a template: `prepare` fills the template when nobody has it yet, and whoever comes meanwhile waits for it. The copy is
 * dropped when it is disposed of, the template with the last copy. A run that keeps one copy open prepares once.
 *
 * @returns `await using database`, with its `url`
 * @throws whatever `prepare` throws, and nothing is left behind then; {EmbeddedError} `DATABASE_FAILED`
 */
export async function openTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const { serverUrl, name } = options
  const engine = maintenance(serverUrl)
  try {
    // Its locks say who uses the template; if this process dies, the server releases them.
    const lease = await engine.acquire({ dedicated: true })
    const template = `aquifer_template_${name}`
    await takeShare(lease, template, options)
    const copy = await createTestDatabase(serverUrl, { template })
    return {
      url: copy.url,
      name: copy.name,
      [Symbol.asyncDispose]: async () => {
        await copy[Symbol.asyncDispose]()
        await giveShareBack(lease, template)
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** Prepares the template unless somebody uses it: one that nobody uses is left from a run that has crashed. */
async function takeShare(
  lease: Lease,
  template: string,
  { serverUrl, prepare }: TestDatabaseOptions,
): Promise<void> {
  await alone(lease, template, async () => {
    if (await isUnused(lease, template)) {
      try {
        await drop(lease, template)
        await lease.query(`create database ${quoted(template)}`)
        await prepare(urlOf(serverUrl, template))
      } catch (error) {
        await drop(lease, template).catch(() => {})
        throw error
      } finally {
        await lease.query('select pg_advisory_unlock(hashtextextended($1, 1))', [template])
      }
    }
    await lease.query('select pg_advisory_lock_shared(hashtextextended($1, 1))', [template])
  })
}

async function giveShareBack(lease: Lease, template: string): Promise<void> {
  await alone(lease, template, async () => {
    await lease.query('select pg_advisory_unlock_shared(hashtextextended($1, 1))', [template])
    if (await isUnused(lease, template)) await drop(lease, template)
  })
}

/** Runs `fn` while nobody else comes or goes. */
async function alone(lease: Lease, template: string, fn: () => Promise<void>): Promise<void> {
  await lease.query('select pg_advisory_lock(hashtextextended($1, 0))', [template])
  try {
    await fn()
  } finally {
    await lease.query('select pg_advisory_unlock(hashtextextended($1, 0))', [template])
  }
}

/** Whether nobody has a share; if so nobody gets one before this lock is released. */
async function isUnused(lease: Lease, template: string): Promise<boolean> {
  const text = 'select pg_try_advisory_lock(hashtextextended($1, 1)) as unused'
  const { rows } = await lease.query<{ unused: boolean }>(text, [template])
  return rows[0]?.unused === true
}

async function drop(lease: Lease, template: string): Promise<void> {
  await lease.query(`drop database if exists ${quoted(template)} with (force)`)
}

function maintenance(url: string) {
  const profile = { ...presets.migrations, url, service: 'aquifer', version: 'testing' }
  return createEngine({ profile: { ...profile, name: 'test-database', overflow: 1 } })
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The same server and user, another database. */
function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(database)}`
  return url.href
}
