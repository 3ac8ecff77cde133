import type { Session } from './session.ts'

type Unit = Pick<Session<unknown>, 'query'>

/** A schema that is brought up to date on every upgrade; `aquifer.config.ts` lists it. */
export interface IdempotencySchemaStep {
  readonly name: string
  upgrade(engine: UnitOpener, report: (line: string) => void): Promise<void>
}

interface UnitOpener {
  session<T>(fn: (unit: Unit) => Promise<T>, options: { propagation: 'new' }): Promise<T>
}

const STATEMENTS = [
  'create schema if not exists aquifer',
  `create table if not exists aquifer.idempotency_key (
     key text primary key,
     fingerprint text,
     result jsonb,
     at timestamptz not null default clock_timestamp()
   )`,
  'create index if not exists idempotency_key_at on aquifer.idempotency_key (at)',
  `comment on table aquifer.idempotency_key is 'Units that were applied once, and what they returned'`,
]

/**
 * The table behind `engine.once`: `aquifer.idempotency_key`. Runs any number of times, with the rights to create schemas. All that a
 * service needs: usage of the schema `aquifer`; select, insert, update and delete on the table.
 */
export function idempotencySchema(): IdempotencySchemaStep {
  return {
    name: 'idempotency',
    async upgrade(engine, report) {
      await engine.session(createTable, { propagation: 'new' })
      report('idempotency: the table of keys is there')
    },
  }
}

/**
 * Forgets keys that are older than `olderThanMs`; a request that comes again after that is applied again.
 *
 * @returns how many there were
 */
export async function forgetIdempotencyKeys(unit: Unit, olderThanMs: number): Promise<number> {
  const { rowCount } = await unit.query(
    `delete from aquifer.idempotency_key where at < clock_timestamp() - $1 * interval '1 ms'`,
    [olderThanMs],
  )
  return rowCount ?? 0
}

async function createTable(unit: Unit): Promise<void> {
  for (const statement of STATEMENTS) await unit.query(statement)
}
