import {
  createEngine,
  type DatabaseOf,
  defineModel,
  type Engine,
  type Profile,
  presets,
} from '@aquifer/core'
import * as c from '@aquifer/core/columns'
import { createTestDatabase } from '@aquifer/embedded'
import { expect, inject } from 'vitest'

const models = { notes: defineModel('notes', { id: c.integer().primaryKey(), someText: c.text() }) }

/** The tables of the tests. */
export type Notes = DatabaseOf<typeof models>

/** A database with a table `notes` and an engine over it, which is the one that sandboxes are opened on. */
export interface World extends AsyncDisposable {
  readonly engine: Engine<Notes>
  readonly url: string
}

export async function setup(profile: Partial<Profile> = {}): Promise<World> {
  const database = await createTestDatabase(inject('databaseUrl'))
  const engine = engineOver(database.url, profile)
  await engine.pool.query('create table notes (id integer primary key, some_text text not null)')
  return {
    engine,
    url: database.url,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** An engine of the api preset over the models of the tests. */
export function engineOver(url: string, overrides: Partial<Profile> = {}): Engine<Notes> {
  const common = { ...presets.api, service: 'test', version: '0', drainTimeoutMs: 500 }
  return createEngine({ profile: { ...common, url, ...overrides }, models })
}

/** A row of `notes`. */
export const note = (id: number) => ({ id, someText: `note ${id}` })

/** Inserts a row with whatever Kysely of the tests. */
export const insert = (db: Engine<Notes>['db'], id: number) =>
  db.insertInto('notes').values(note(id)).execute()

/** The ids in `notes` as this engine sees them, in order. */
export async function ids({ db }: Pick<Engine<Notes>, 'db'>): Promise<number[]> {
  return (await db.selectFrom('notes').select('id').orderBy('id').execute()).map(({ id }) => id)
}

/** Resolves when a statement that sleeps is running. */
export const sleeps = (t: World) =>
  expect
    .poll(async () => {
      const text =
        "select 1 from pg_stat_activity where datname = current_database() and query like 'select pg_sleep(60)%'"
      return (await t.engine.pool.query(text)).rows
    })
    .toHaveLength(1)
