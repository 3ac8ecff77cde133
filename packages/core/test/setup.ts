import { createTestDatabase, type FaultProxy, openFaultProxy } from '@aquifer/embedded'
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
  /** Runs a statement outside of the engine, also after the server was away. */
  witness(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

/** A world whose engine reaches its database through a proxy that can break the line. */
export interface ProxiedWorld extends World {
  readonly proxy: FaultProxy
}

/** Where a world lies. */
export interface Place {
  /** A maintenance connection of the server. @default that of the run */
  readonly serverUrl?: string
}

export async function setup(profile: Partial<Profile> = {}, place: Place = {}): Promise<World> {
  const database = await createTestDatabase(place.serverUrl ?? inject('databaseUrl'))
  const witness = new Witness(database.url)
  await witness.query(
    'create table notes (id integer primary key, some_text text not null, big_number bigint)',
  )
  const engine = engineOver({ url: database.url, ...profile })
  return {
    engine,
    url: database.url,
    witness: (text, values) => witness.query(text, values),
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await witness.end()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** An engine of its own over the database of a world. */
export function engineOf({ url }: Pick<World, 'url'>, profile: Partial<Profile>) {
  return engineOver({ url, ...profile })
}

/** As `setup`, with a proxy between the engine and its database. */
export async function setupBehindProxy(
  profile: Partial<Profile> = {},
  place: Place = {},
): Promise<ProxiedWorld> {
  const world = await setup(profile, place)
  const proxy = await openFaultProxy({ target: world.url })
  const engine = engineOver({ ...profile, url: proxy.url })
  return {
    ...world,
    engine,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await proxy.close()
      await world[Symbol.asyncDispose]()
    },
  }
}

/** An engine of the api preset over the models of the tests. */
function engineOver(profile: Partial<Profile> & { url: string }): Engine<TestDatabaseTypes> {
  const common = { ...presets.api, service: 'test', version: '0', drainTimeoutMs: 500 }
  return createEngine({ profile: { ...common, ...profile }, models: { notes } })
}

/** A connection beside the engine, which comes back after the server was away. */
class Witness {
  readonly #url: string
  #client: Client | undefined

  constructor(url: string) {
    this.#url = url
  }

  async query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    this.#client ??= await this.#connect()
    return (await this.#client.query(text, values)).rows
  }

  async end(): Promise<void> {
    await this.#client?.end()
  }

  async #connect(): Promise<Client> {
    const client = new Client({ connectionString: this.#url })
    client.on('error', () => {})
    client.on('end', () => {
      if (this.#client === client) this.#client = undefined
    })
    await client.connect()
    return client
  }
}

/** Resolves with the next event of this name. */
export function next<Name extends keyof PoolEvents & string>(
  engine: Engine<TestDatabaseTypes>,
  name: Name,
) {
  return new Promise<PoolEvents[Name]>((resolve) => {
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
