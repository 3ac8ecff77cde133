import type { Connection } from './version-table.ts'

/**
 * Takes our own schema out of the search path: a role named `aquifer` would otherwise find it first, by the "$user" of
 * PostgreSQL's default, and make its tables in it. Any other search path stays as it is.
 */
export async function leaveOwnSchema(
  connection: Connection,
  scope: 'transaction' | 'session',
): Promise<void> {
  await connection.query(
    `select set_config('search_path', coalesce(string_agg(quote_ident(name), ', ' order by place), 'public'), $1)
     from unnest(current_schemas(false)) with ordinality as schema (name, place)
     where name <> 'aquifer'
     having current_schema() = 'aquifer'`,
    [scope === 'transaction'],
  )
}
