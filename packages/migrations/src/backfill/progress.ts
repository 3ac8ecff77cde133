import { UsageError } from '@aquifer/core'
import { LOCK_SPACE } from '../runner/lock-holder.ts'
import type { Connection } from '../runner/version-table.ts'
import type { Backfill } from './backfill-definition.ts'

/** How far a backfill has come, by all its runs. */
export interface Progress {
  readonly doneRows: number
  readonly totalRows: number
}

/** A stretch of the key. */
export interface Batch {
  /** The key that was reached before, as text; null at the beginning. */
  readonly after: string | null
  readonly upTo: string
  readonly rows: number
  /** The key's type. */
  readonly type: string
}

/** Keeps two from making the table at once. */
const TABLE_LOCK = 3

/** Makes the table that holds how far backfills have come; call it in a transaction. */
export async function prepareProgress(connection: Connection): Promise<void> {
  const { rows } = await connection.query<{ exists: boolean }>(
    `select to_regclass('aquifer.backfill') is not null as exists`,
  )
  if (rows[0]?.exists === true) return
  await connection.query(`select pg_advisory_xact_lock($1, $2)`, [LOCK_SPACE, TABLE_LOCK])
  await connection.query(`do $$ begin
    if to_regnamespace('aquifer') is null then create schema aquifer; end if;
    create table if not exists aquifer.backfill (
      name text primary key,
      last_key text,
      until_key text,
      key_type text not null,
      done_rows bigint not null default 0,
      total_rows bigint not null,
      started_at timestamptz not null default clock_timestamp(),
      updated_at timestamptz not null default clock_timestamp(),
      finished_at timestamptz
    );
    comment on table aquifer.backfill is 'How far backfills have come';
  end $$`)
}

/**
 * Notes where a backfill ends, unless it is under way or finished.
 *
 * @throws {UsageError} `BACKFILL_TABLE`
 */
export async function openProgress(
  connection: Connection,
  { name, table, key = 'id' }: Backfill,
  restart: boolean,
): Promise<void> {
  if (restart) await connection.query(`delete from aquifer.backfill where name = $1`, [name])
  const known = await connection.query(`select from aquifer.backfill where name = $1`, [name])
  if (known.rows.length > 0) return
  const [of, column] = [quotedTable(table), quoted(key)]
  const { rows } = await connection.query<{ type: string; tuples: number }>(
    `select format_type(atttypid, atttypmod) as type, reltuples::float8 as tuples
     from pg_attribute join pg_class on pg_class.oid = attrelid
     where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`,
    [of, key],
  )
  const [found] = rows
  if (found === undefined) {
    throw new UsageError(
      'BACKFILL_TABLE',
      `the backfill ${name} needs a table ${table} with a column ${key}, and this database has none`,
    )
  }
  await connection.query(
    `insert into aquifer.backfill (name, until_key, key_type, total_rows)
     select $1, (select last::text from (select ${column} as last from ${of} order by ${column} desc limit 1) newest), $2,
       case when $3::float8 > 0 then $3::float8::bigint else (select count(*) from ${of}) end
     on conflict (name) do nothing`,
    [name, found.type, found.tuples],
  )
}

/** The next stretch, held against other runs until the transaction ends; undefined if there is none. */
export async function takeBatch(
  connection: Connection,
  { name, table, key = 'id' }: Backfill,
  batchRows: number,
): Promise<Batch | undefined> {
  const { rows: held } = await connection.query<{
    after: string | null
    until: string | null
    type: string
    finished: boolean
  }>(
    `select last_key as after, until_key as until, key_type as type, finished_at is not null as finished
     from aquifer.backfill where name = $1 for update`,
    [name],
  )
  const [row] = held
  if (row === undefined || row.finished || row.until === null) return undefined
  const { after, until, type } = row
  const column = quoted(key)
  const { rows: found } = await connection.query<{ upTo: string | null; rows: number }>(
    `select (array_agg(key order by key desc))[1]::text as "upTo", count(*)::int as rows from (
       select ${column} as key from ${quotedTable(table)}
       where ($1::text is null or ${column} > $1::text::${type}) and ${column} <= $2::text::${type}
       order by ${column} limit $3) batch`,
    [after, until, batchRows],
  )
  const [batch] = found
  if (batch === undefined || batch.upTo === null) return undefined
  return { after, upTo: batch.upTo, rows: batch.rows, type }
}

/** Notes the end of a stretch in the transaction that has changed it. */
export async function writeProgress(
  connection: Connection,
  name: string,
  { upTo, rows: done }: Batch,
): Promise<Progress> {
  const { rows } = await connection.query<Progress>(
    `update aquifer.backfill set last_key = $2, done_rows = done_rows + $3, updated_at = clock_timestamp()
     where name = $1 returning done_rows::float8 as "doneRows", total_rows::float8 as "totalRows"`,
    [name, upTo, done],
  )
  return rows[0] ?? { doneRows: done, totalRows: done }
}

/** Notes that nothing is left to do. */
export async function finish(connection: Connection, name: string): Promise<void> {
  await connection.query(
    `update aquifer.backfill set finished_at = coalesce(finished_at, clock_timestamp()) where name = $1`,
    [name],
  )
}

function quotedTable(table: string): string {
  return table.split('.').map(quoted).join('.')
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
