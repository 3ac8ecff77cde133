import { createEngine, type Engine, type Profile, presets } from '@aquifer/core'
import { createTestDatabase } from '@aquifer/embedded'
import { sql } from 'kysely'
import { Client } from 'pg'
import { inject } from 'vitest'
import type { Revision } from '../src/index.ts'

/** An empty database, engines over it, and a connection beside them to look on. */
export interface World extends AsyncDisposable {
  readonly url: string
  readonly engine: Engine<unknown>
  /** Another deployer; its service is part of its application_name. */
  deployer(service: string, profile?: Partial<Profile>): Engine<unknown>
  /** Runs a statement outside of the engines. */
  witness<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>
  /** The names of the tables of schema public, in order. */
  tables(): Promise<string[]>
}

export async function setup(): Promise<World> {
  const database = await createTestDatabase(inject('databaseUrl'))
  const client = new Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  const engines: Engine<unknown>[] = []
  const deployer = (service: string, profile: Partial<Profile> = {}) => {
    const engine = createEngine({
      profile: { ...presets.migrations, url: database.url, service, version: '0', ...profile },
    }) as unknown as Engine<unknown>
    engines.push(engine)
    return engine
  }
  const witness = async <Row>(text: string, values?: unknown[]) =>
    (await client.query(text, values)).rows as Row[]
  return {
    url: database.url,
    engine: deployer('test'),
    deployer,
    witness,
    tables: async () => {
      const rows = await witness<{ tablename: string }>(
        `select tablename from pg_tables where schemaname = 'public' order by 1`,
      )
      return rows.map(({ tablename }) => tablename)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(engines.map((engine) => engine.close()))
      await client.end()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** A revision without a file, named after its id. By default it makes, and drops, a table of that name. */
export function revision(id: string, parts: Partial<Revision> = {}): Revision {
  return {
    id,
    name: `20260101000000_${id}_test`,
    file: `${id}.ts`,
    checksum: `sum of ${id}`,
    parents: [],
    phase: 'expand',
    transaction: true,
    up: async (db) => {
      await sql`create table ${sql.table(id)} ()`.execute(db)
    },
    down: async (db) => {
      await sql`drop table ${sql.table(id)}`.execute(db)
    },
    ...parts,
  }
}

/** Revisions that build on each other in the order given. */
export function chain(...revisions: readonly Revision[]): Revision[] {
  return revisions.map((each, index) => {
    const parent = revisions[index - 1]
    return { ...each, parents: parent === undefined ? [] : [parent.id] }
  })
}
