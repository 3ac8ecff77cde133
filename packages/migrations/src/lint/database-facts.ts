import type { Engine } from '@aquifer/core'
import type { LintFacts } from './lint.ts'

/** What a database tells of the tables that are to be changed, and its version. */
export interface ServerFacts extends Required<LintFacts> {
  readonly serverVersion: number
}

const TABLES = `
  select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as name,
    case when s.n_live_tup > c.reltuples then s.n_live_tup
      when c.reltuples >= 0 then c.reltuples
      when pg_relation_size(c.oid) = 0 then 0
    end::float8 as rows
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_stat_all_tables s on s.relid = c.oid
  where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

const COLUMNS = `
  select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname || '.' || a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`

/** Asks a database. Row counts are its estimates; a table that was never counted is left out. */
export async function readServerFacts<DB>(engine: Engine<DB>): Promise<ServerFacts> {
  return engine.session(
    async (session) => {
      const version = await session.query<{ version: number }>(
        `select current_setting('server_version_num')::int / 10000 as version`,
      )
      const tables = await session.query<{ name: string; rows: number | null }>(TABLES)
      const columns = await session.query<{ name: string; type: string }>(COLUMNS)
      return {
        serverVersion: version.rows[0]?.version ?? 18,
        rowCounts: new Map(
          tables.rows.flatMap(({ name, rows }) => (rows === null ? [] : [[name, rows] as const])),
        ),
        columnTypes: new Map(columns.rows.map(({ name, type }) => [name, type])),
      }
    },
    { mode: 'autocommit' },
  )
}
