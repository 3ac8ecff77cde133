import type { Session } from '@aquifer/core'
import type { Revision } from '../revision/revision.ts'

/** Anything that runs one statement: a session, a lease, a pool. */
export type Connection = Pick<Session<unknown>, 'query'>

/** A row of `aquifer.revision`: what was applied, when, by whom. */
export interface AppliedRevision extends Pick<Revision, 'id' | 'name' | 'parents' | 'checksum'> {
  readonly appliedAt: Date
  /** How long `up` took. */
  readonly durationMs: number
  /** application_name and user of the connection that applied it. */
  readonly appliedBy: string
}

const UNDEFINED_TABLE = '42P01'

// The schema is looked for first: CREATE SCHEMA IF NOT EXISTS asks for the right to create one even where it exists.
const SCHEMA = `create schema if not exists aquifer`
const TABLES = [
  `create table if not exists aquifer.revision (
     id text primary key,
     name text not null,
     parents text[] not null,
     checksum text not null,
     applied_at timestamptz not null default clock_timestamp(),
     duration_ms integer not null,
     applied_by text not null default current_setting('application_name') || ' as ' || session_user
   )`,
  `comment on table aquifer.revision is 'Revisions that are applied to this database'`,
  `create table if not exists aquifer.revision_statement (
     revision_id text not null,
     direction text not null check (direction in ('up', 'down')),
     position integer not null,
     started_at timestamptz not null default clock_timestamp(),
     finished_at timestamptz,
     started_by text not null default current_setting('application_name') || ' as ' || session_user,
     primary key (revision_id, direction, position)
   )`,
  `comment on table aquifer.revision_statement is 'What revisions did outside a transaction; position 0 stands for the whole revision'`,
]

/** What came to the table later. */
const LATER = `alter table aquifer.revision_statement
  add column if not exists statement text,
  add column if not exists result jsonb,
  add column if not exists checksum text,
  add column if not exists accepted boolean not null default false`

/** What makes the tables that hold what was applied; each may be run where they exist. */
export const tableStatements: readonly string[] = [SCHEMA, ...TABLES, LATER]

/** Makes the tables that hold what was applied, unless they are there. Call it in a transaction, under the migration lock. */
export async function createTables(connection: Connection): Promise<void> {
  const { rows } = await connection.query<{ schema: boolean; tables: boolean; complete: boolean }>(
    `select to_regnamespace('aquifer') is not null as schema, to_regclass('aquifer.revision') is not null as tables,
       exists (select from pg_attribute where attrelid = to_regclass('aquifer.revision_statement') and attname = 'accepted') as complete`,
  )
  const [{ schema, tables, complete } = { schema: false, tables: false, complete: false }] = rows
  if (!tables) {
    if (!schema) await connection.query(SCHEMA)
    for (const statement of TABLES) await connection.query(statement)
  }
  if (!complete) await connection.query(LATER)
}

/** The applied revisions in the order in which they were applied; none if the table does not exist. */
export async function readApplied(connection: Connection): Promise<AppliedRevision[]> {
  try {
    const { rows } = await connection.query<AppliedRevision>(
      `select id, name, parents, checksum, applied_at as "appliedAt", duration_ms as "durationMs", applied_by as "appliedBy"
       from aquifer.revision order by applied_at, name`,
    )
    return rows
  } catch (error) {
    if ((error as { sqlState?: string }).sqlState === UNDEFINED_TABLE) return []
    throw error
  }
}

/** Notes that a revision is applied. */
export async function insertApplied(
  connection: Connection,
  { id, name, parents, checksum }: Revision,
  durationMs: number,
  appliedAt?: Date,
): Promise<void> {
  await connection.query(
    `insert into aquifer.revision (id, name, parents, checksum, duration_ms, applied_at)
     values ($1, $2, $3, $4, $5, coalesce($6, clock_timestamp()))`,
    [id, name, parents, checksum, durationMs, appliedAt],
  )
}

/** Notes that a revision is undone. */
export async function deleteApplied(
  connection: Connection,
  { id }: Pick<Revision, 'id'>,
): Promise<void> {
  await connection.query(`delete from aquifer.revision where id = $1`, [id])
}

/** Notes that the file of an applied revision is right as it is now. */
export async function acceptApplied(
  connection: Connection,
  { id, name, checksum }: Revision,
): Promise<void> {
  await connection.query(`update aquifer.revision set name = $2, checksum = $3 where id = $1`, [
    id,
    name,
    checksum,
  ])
}

/** Forgets every applied and every half-done revision. */
export async function forgetEverything(connection: Connection): Promise<void> {
  await connection.query(`delete from aquifer.revision`)
  await connection.query(`delete from aquifer.revision_statement`)
}
