import { migrateQueueSchema } from '../transport/bullmq-schema.ts'
import type { JobsEngine, Unit } from '../unit.ts'

/**
 * A schema that is brought up to date on every upgrade, after the revisions; `aquifer.config.ts`
 * lists it.
 */
export interface JobsSchemaStep {
  readonly name: string
  upgrade(engine: JobsEngine, report: (line: string) => void): Promise<void>
}

/** The rows that carry jobs out of a transaction, and those that say which jobs have run. */
const statements = [
  'create schema if not exists aquifer',
  `create table if not exists aquifer.outbox (
     id text primary key,
     queue text not null,
     name text not null,
     envelope jsonb not null,
     policy jsonb not null,
     created_at timestamptz not null,
     due_at timestamptz not null,
     handed_at timestamptz,
     hand_overs integer not null default 0,
     failed_at timestamptz
   )`,
  // What a relay looks for; rows leave it as soon as they are handed over.
  `create index if not exists outbox_waiting on aquifer.outbox (created_at)
     where handed_at is null`,
  // What the sweeper looks for; rows leave it when their job has run.
  `create index if not exists outbox_handed on aquifer.outbox (handed_at)
     where handed_at is not null and failed_at is null`,
  `create table if not exists aquifer.inbox (
     job_id text primary key,
     queue text not null,
     name text not null,
     at timestamptz not null default clock_timestamp()
   )`,
  `create index if not exists inbox_at on aquifer.inbox (at)`,
  `comment on table aquifer.outbox is 'Jobs on their way from a transaction to Redis'`,
  `comment on table aquifer.inbox is 'Jobs whose effect is committed'`,
]

/**
 * The tables of jobs: `aquifer.outbox`, `aquifer.inbox`, and BullMQ's schema `bullmq` by its own
 * migrations. Runs any number of times, with the rights to create schemas. Services that enqueue or
 * run jobs create nothing. All they need, in the schemas `aquifer` and `bullmq`: usage of the
 * schema; select, insert, update and delete on its tables; usage of its sequences.
 */
export function jobsSchema(): JobsSchemaStep {
  return {
    name: 'jobs',
    async upgrade(engine, report) {
      await engine.session(createTables, { propagation: 'new' })
      const version = await migrateQueueSchema(engine.pool)
      report(`jobs: outbox and inbox are there, BullMQ's schema is at version ${version}`)
    },
  }
}

async function createTables(unit: Unit): Promise<void> {
  for (const statement of statements) await unit.query(statement)
}
