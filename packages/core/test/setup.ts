import { createTestDatabase } from '@aquifer/embedded'
import { Client } from 'pg'
import { expect, inject } from 'vitest'
import * as c from '../src/columns.ts'
import {
  createEngine,
  defineModel,
  type Engine,
  type PoolEvents,
  type Profile,
  presets,
} from '../src/index.ts'
import type { DatabaseOf } from '../src/model/registry.ts'

const notes = defineModel('notes', {
  id: c.integer().primaryKey(),
  someText: c.text(),
  bigNumber: c.bigint().nullable(),
})

export type TestDatabaseTypes = DatabaseOf<{ notes: typeof notes }>

/** A database with a table `notes`, an engine over it, and a connection beside the engine to look on. */
export interface World extends AsyncDisposable {
  readonly engine: Engine<TestDatabaseTypes>
  readonly url: string
  /** Runs a statement outside of the engine. */
  witness(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

export async function setup(profile: Partial<Profile> = {}): Promise<World> {
  const database = await createTestDatabase(inject('databaseUrl'))
  const client = new Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  await client.query(
    'create table notes (id integer primary key, some_text text not null, big_number bigint)',
  )
  const engine = createEngine({
    profile: {
      ...presets.api,
      url: database.url,
      service: 'test',
      version: '0',
      drainTimeoutMs: 500,
      ...profile,
    },
    models: { notes },
  })
  return {
    engine,
    url: database.url,
    witness: async (text, values) => (await client.query(text, values)).rows,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await client.end()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Resolves with the next event of this name. */
export function next<Name extends keyof PoolEvents>(engine: Engine<TestDatabaseTypes>, name: Name) {
  return new Promise<Parameters<Parameters<typeof engine.events.on<Name>>[1]>[0]>((resolve) => {
    const off = engine.events.on(name, (event) => {
      off()
      resolve(event)
    })
  })
}

/** A place where `parties` callers wait until all of them are there. */
export function meeting(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let here = 0
  return () => {
    here += 1
    if (here === parties) resolve()
    return promise
  }
}

/** A row of `notes`. */
export const note = (id: number) => ({ id, someText: `note ${id}` })

/** Resolves when a statement that sleeps is running. */
export const sleeps = (t: World) =>
  expect
    .poll(() =>
      t.witness(
        "select 1 from pg_stat_activity where datname = current_database() and query like 'select pg_sleep(60)%'",
      ),
    )
    .toHaveLength(1)

/** The ids in `notes`, in order, as somebody outside of the engine sees them. */
export const ids = async (t: World) =>
  (await t.witness('select id from notes order by id')).map((row) => row.id)
