import { assemble } from './assemble.ts'
import type { Catalogue } from './catalogue.ts'
import type { CatalogueObject } from './catalogue-object.ts'
import { readDependencies } from './dependencies.ts'
import { type DependencyRow, dependencies } from './dependency-query.ts'
import { constraints, indexes, notNulls, policies, triggers } from './part-queries.ts'
import { columns, relations, sequences } from './relation-queries.ts'
import type { Rows } from './rows.ts'
import { extensions, routines, schemas, types } from './schema-queries.ts'

/** What `readCatalogue` asks: a session, a lease, or a client of node-postgres. */
export interface CatalogueConnection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** What of a database to read. */
export interface ReadCatalogueOptions {
  /** Names of schemas. @default all but those of the server and `aquifer` */
  readonly schemas?: readonly string[]
  /** Leaves out an object, and with it its parts, if it answers false. @default keeps all */
  readonly filter?: (object: CatalogueObject) => boolean
  /** Names of tables that are left out in any schema. @default the two tables of Kysely's own Migrator */
  readonly versionTables?: readonly string[]
}

const VERSION_TABLES = ['kysely_migration', 'kysely_migration_lock']

const QUERIES = {
  schemas,
  extensions,
  types,
  sequences,
  relations,
  columns,
  constraints,
  notNulls,
  indexes,
  triggers,
  policies,
  routines,
  dependencies,
}

/**
 * The catalogue of a database, in 16 statements that take three round trips, however many objects there are. What extensions own is
 * left out.
 *
 * @param connection stays on one connection: a session of a transaction, a lease or a client. Its `search_path` is another one
 *   meanwhile. Give it a repeatable read transaction if others change the schema at the same time
 */
export async function readCatalogue(
  connection: CatalogueConnection,
  options: ReadCatalogueOptions = {},
): Promise<Catalogue> {
  const { schemas: selected, filter = () => true, versionTables = VERSION_TABLES } = options
  const { rows } = await connection.query(
    `select current_setting('search_path') as path, current_setting('server_version_num') as version`,
  )
  const { path, version } = rows[0] as { path: string; version: string }
  // Everything outside of pg_catalog is then spelled with its schema, whatever the role's own path is.
  await connection.query(`select set_config('search_path', '', false)`)
  let read: Rows & { readonly dependencies: readonly DependencyRow[] }
  try {
    read = await readRows(connection, selected)
  } finally {
    // In a transaction that has failed this cannot work, and its rollback does the same.
    await connection.query(`select set_config('search_path', $1, false)`, [path]).catch(() => {})
  }
  const graph = readDependencies(read, read.dependencies)
  const keep = (object: CatalogueObject) =>
    !(object.kind === 'table' && versionTables.includes(object.name)) && filter(object)
  return assemble({ serverVersion: Number(version), rows: read, graph, keep })
}

async function readRows(
  connection: CatalogueConnection,
  selected: readonly string[] | undefined,
): Promise<Rows & { readonly dependencies: readonly DependencyRow[] }> {
  const read = await Promise.all(
    Object.entries(QUERIES).map(async ([name, query]) => {
      const text = `select coalesce(json_agg(q), '[]')::text as rows from (${query}) q`
      const values = query.includes('$1') ? [selected ?? null] : []
      const [row] = (await connection.query(text, values)).rows as { rows: string }[]
      return [name, JSON.parse(row?.rows ?? '[]')]
    }),
  )
  return Object.fromEntries(read)
}
