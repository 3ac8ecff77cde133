import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createTestDatabase } from '@aquifer/embedded'
import { Client } from 'pg'
import { afterAll, inject } from 'vitest'
import type { Catalogue } from '../src/catalogue/catalogue.ts'
import { type ReadCatalogueOptions, readCatalogue } from '../src/catalogue/read.ts'
import { oneSpelling } from '../src/diff/one-spelling.ts'
import type { Operation } from '../src/diff/operation.ts'

/** A database made by statements, and ways to look at it. */
export interface SchemaWorld extends AsyncDisposable {
  readonly url: string
  readonly client: Client
  run(...statements: readonly string[]): Promise<void>
  read(options?: ReadCatalogueOptions): Promise<Catalogue>
  /** Runs the operations as a runner does: what may share a transaction does. */
  up(operations: readonly Operation[]): Promise<void>
  /** Runs the way back of the operations, from the last to the first. */
  down(operations: readonly Operation[]): Promise<void>
}

/** A schema made by statements, in a database that was emptied; a file of tests goes through few of them. */
export async function schemaWorld(...statements: readonly string[]): Promise<SchemaWorld> {
  const { url, client } = free.pop() ?? (await openDatabase())
  const run = async (...texts: readonly string[]) => {
    for (const text of texts) await client.query(text)
  }
  await run(EMPTY, ...statements)
  return {
    url,
    client,
    run,
    read: (options) => readCatalogue(client, options),
    up: (operations) => runAll(client, operations, ({ sql }) => sql),
    down: (operations) => runAll(client, operations.toReversed(), ({ down }) => down),
    [Symbol.asyncDispose]: async () => {
      await client.query('rollback')
      free.push({ url, client })
    },
  }
}

interface Database {
  readonly url: string
  readonly client: Client
}

const free: Database[] = []

async function openDatabase(): Promise<Database> {
  const database = await createTestDatabase(inject('databaseUrl'))
  const client = new Client({ connectionString: database.url })
  await client.connect()
  afterEverything.push(async () => {
    await client.end()
    await database[Symbol.asyncDispose]()
  })
  return { url: database.url, client }
}

const afterEverything: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of afterEverything) await close()
})

const EMPTY = `
  reset search_path; set client_min_messages = warning;
  do $$ declare name text; begin
    for name in select quote_ident(nspname) from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
      execute 'drop schema ' || name || ' cascade';
    end loop;
  end $$;
  create schema public`

async function runAll(
  client: Client,
  operations: readonly Operation[],
  statementsOf: (operation: Operation) => readonly string[],
): Promise<void> {
  let open = false
  for (const operation of operations) {
    if (operation.transactional !== open) {
      await client.query(open ? 'commit' : 'begin')
      open = !open
    }
    for (const statement of statementsOf(operation)) {
      await client.query(statement).catch((cause: Error) => {
        const all = operations.flatMap(statementsOf).join(';\n')
        throw new Error(`${cause.message} in\n${statement}\n\nof\n${all}`, { cause })
      })
    }
  }
  if (open) await client.query('commit')
}

const run = promisify(execFile)

/**
 * A second witness of a schema, one that knows nothing of our reader: the lines of `pg_dump --schema-only`, sorted, since the order of columns
 * is not compared, with what the server says of the validity of indexes and constraints. Where pg_dump is missing or older than the server,
 * the lines are those of information_schema and the definitions that psql shows.
 */
export async function witness(world: SchemaWorld): Promise<readonly string[]> {
  const { rows } = await world.client.query<{ line: string }>(VALIDITY)
  const validity = rows.map(({ line }) => line)
  const dump = (await hasPgDump(world.client))
    ? await dumped(world.url)
    : await described(world.client)
  return [...dump, ...validity].map(oneSpelling).sort()
}

/** Whether pg_dump can read this server. A run says once by which witness it judges. */
async function hasPgDump(client: Client): Promise<boolean> {
  witnessed ??= chooseWitness(client)
  return witnessed
}

let witnessed: Promise<boolean> | undefined

async function chooseWitness(client: Client): Promise<boolean> {
  const { rows } = await client.query(
    `select current_setting('server_version_num')::int / 10000 as major`,
  )
  const server: number = rows[0].major
  const { stdout } = await run('pg_dump', ['--version']).catch(() => ({ stdout: 'none' }))
  const dump = Number(/(\d+)(\.|\w)/.exec(stdout)?.[1] ?? 0)
  const fits = dump >= server
  const choice = fits ? 'pg_dump' : 'information_schema and the views of pg_catalog'
  console.info(`second witness on PostgreSQL ${server} (pg_dump: ${stdout.trim()}): ${choice}`)
  return fits
}

async function dumped(url: string): Promise<string[]> {
  const { stdout } = await run('pg_dump', ['--schema-only', '--no-owner', url], {
    maxBuffer: 2 ** 28,
  })
  return stdout
    .split('\n')
    .filter((line) => !/^(--|\\(un)?restrict|$)/.test(line))
    .map((line) => line.replace(/,$/, ''))
}

async function described(client: Client): Promise<string[]> {
  const lines: string[] = []
  for (const query of DESCRIPTIONS) {
    const { rows } = await client.query(query)
    for (const row of rows) lines.push(JSON.stringify(row))
  }
  return lines
}

const OURS = `not in ('pg_catalog', 'information_schema', 'pg_toast')`

const VALIDITY = `
  select 'index ' || indexrelid::regclass || ' ' || indisvalid || indisready || indisunique as line
  from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace::regnamespace::text ${OURS}
  union all select 'constraint ' || conname || ' ' || convalidated || condeferrable || condeferred
  from pg_constraint where connamespace::regnamespace::text ${OURS} and contype <> 'n'`

const DESCRIPTIONS = [
  `select nspname from pg_namespace where nspname ${OURS} and nspname !~ '^pg_'`,
  `select extname from pg_extension`,
  `select table_schema, table_name, column_name, column_default, is_nullable, data_type, character_maximum_length,
     numeric_precision, numeric_scale, datetime_precision, udt_schema, udt_name, domain_name, collation_name, is_identity,
     identity_generation, identity_start, identity_increment, identity_maximum, identity_minimum, identity_cycle,
     is_generated, generation_expression from information_schema.columns where table_schema ${OURS}`,
  `select relname, relkind, relpersistence, array(select unnest(reloptions) order by 1) as reloptions, relrowsecurity, relforcerowsecurity, relreplident, relispartition,
     pg_get_expr(relpartbound, oid) as bound, pg_get_partkeydef(oid) as key from pg_class
   where relnamespace::regnamespace::text ${OURS} and relkind <> 'i' and relkind <> 't'`,
  `select inhrelid::regclass::text as child, inhparent::regclass::text as parent from pg_inherits`,
  `select * from pg_indexes where schemaname ${OURS}`,
  `select conname, conrelid::regclass::text as relation, pg_get_constraintdef(oid) as definition from pg_constraint
   where connamespace::regnamespace::text ${OURS} and contype <> 'n'`,
  `select schemaname, viewname, definition from pg_views where schemaname ${OURS}`,
  `select schemaname, matviewname, definition, ispopulated from pg_matviews where schemaname ${OURS}`,
  `select pg_get_functiondef(oid) as definition from pg_proc where pronamespace::regnamespace::text ${OURS} and prokind <> 'a'
     and not exists (select from pg_depend d where d.objid = pg_proc.oid and d.deptype = 'e')`,
  `select pg_get_triggerdef(oid) as definition, tgenabled from pg_trigger where not tgisinternal`,
  `select * from pg_policies`,
  `select t.typnamespace::regnamespace::text as schema, typname, string_agg(enumlabel, ',' order by enumsortorder) as labels
   from pg_enum e join pg_type t on t.oid = enumtypid group by 1, 2`,
  `select domain_schema, domain_name, data_type, domain_default, character_maximum_length from information_schema.domains
   where domain_schema ${OURS}`,
  `select udt_schema, udt_name, attribute_name, data_type, rank() over (partition by udt_schema, udt_name order by ordinal_position) from information_schema.attributes
   where udt_schema ${OURS}`,
  `select rngtypid::regtype::text as range, rngsubtype::regtype::text as subtype, rngmultitypid::regtype::text as multirange from pg_range
   where rngtypid >= 16384`,
  `select schemaname, sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size from pg_sequences`,
  `select pg_describe_object(classoid, objoid, objsubid) as object, description from pg_description where objoid >= 16384`,
]
