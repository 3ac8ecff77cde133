import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Kysely, sql as kyselySql, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Pool } from 'pg'
import { expect, test } from 'vitest'
import {
  adoptKysely,
  baseline,
  convertKyselyMigrations,
  createRevision,
  current,
  heads,
  loadRevisions,
  merge,
  pending,
  sql,
  squash,
  stamp,
  upgrade,
} from '../src/index.ts'
import { setup, type World } from './setup.ts'

const kysely = pathToFileURL(createRequire(import.meta.url).resolve('kysely')).href

/** All that would end a string, a template or a statement. */
const AWKWARD = ["it's \\ a `thing`; $", '{x}'].join('')

/** A database and a folder with three revisions that make, fill and change a table. */
async function world() {
  const t = await setup()
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-files-'))
  const revisions = join(folder, 'revisions')
  await mkdir(revisions)
  const write = (id: string, parents: string[], up: string[], down: string[]) =>
    writeFile(
      join(revisions, `2026010100000${id[0]}_${id}_step.ts`),
      `import { sql } from '${kysely}'
export const revision = { id: '${id}', parents: ${JSON.stringify(parents)}, phase: 'expand', transaction: true }
export async function up(db) { ${up.map((each) => `await sql\`${each}\`.execute(db)`).join('; ')} }
export async function down(db) { ${down.map((each) => `await sql\`${each}\`.execute(db)`).join('; ')} }
`,
    )
  await write('1aaaaaaa', [], ['create table things (name text)'], ['drop table things'])
  await write(
    '2bbbbbbb',
    ['1aaaaaaa'],
    [`insert into things values (\${${JSON.stringify(AWKWARD)}})`],
    ['delete from things'],
  )
  await write(
    '3ccccccc',
    ['2bbbbbbb'],
    ['alter table things add column n integer default 7'],
    ['alter table things drop column n'],
  )
  return {
    t,
    folder,
    revisions,
    write,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true })
      await t[Symbol.asyncDispose]()
    },
  }
}

/** Generated files name `kysely`, which a folder elsewhere cannot find. */
async function loadable(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace("from 'kysely'", `from '${kysely}'`))
}

const rows = (t: World) => t.witness('select * from things')
const ROW = [{ name: AWKWARD, n: 7 }]

test('merge joins all heads, and does nothing where there is one', async () => {
  await using w = await world()
  expect(await merge(w.revisions)).toBeUndefined()
  await w.write('4ddddddd', ['1aaaaaaa'], [], [])
  const merged = await merge(w.revisions, { message: 'Join both' })
  expect(merged).toMatchObject({
    parents: ['3ccccccc', '4ddddddd'],
    name: expect.stringMatching(/_join_both$/),
  })
  expect(heads(await loadRevisions(w.revisions))).toMatchObject([{ id: merged?.id }])
})

test('a branch begins with a label and goes on at its own head', async () => {
  await using w = await world()
  const first = await createRevision(w.revisions, 'invoices', {
    branch: 'billing',
    heads: ['1aaa'],
  })
  const second = await createRevision(w.revisions, 'payments', { branch: 'billing' })
  const apart = await createRevision(w.revisions, 'apart', { branch: 'apart', heads: ['base'] })
  expect([first.parents, second.parents, apart.parents]).toEqual([['1aaaaaaa'], [first.id], []])
  expect(await readFile(first.file, 'utf8')).toContain("  label: 'billing',\n")
  expect(await readFile(second.file, 'utf8')).not.toContain('label')
  await expect(createRevision(w.revisions, 'x', { branch: 'Not good' })).rejects.toMatchObject({
    code: 'LABEL_INVALID',
  })
})

test('the script makes what upgrade would, record included, and its way back undoes it', async () => {
  await using w = await world()
  const revisions = await loadRevisions(w.revisions)
  await psql(w.t.url, await sql(revisions))
  expect(await rows(w.t)).toEqual(ROW)
  expect(await pending(w.t.engine, revisions)).toEqual([])
  expect((await upgrade(w.t.engine, revisions)).revisions).toEqual([])

  await psql(w.t.url, await sql(revisions, { range: '1aaa:head', direction: 'down' }))
  expect(await rows(w.t)).toEqual([])
  expect((await current(w.t.engine)).heads).toMatchObject([{ id: '1aaaaaaa' }])
  const again = await sql(revisions, { range: '1aaa:' })
  expect(again).not.toContain('create table things')
  await psql(w.t.url, again)
  expect(await rows(w.t)).toEqual(ROW)
})

test('a squashed revision does what the others did, and is applied where they are', async () => {
  await using w = await world()
  await upgrade(w.t.engine, await loadRevisions(w.revisions))
  await w.write('4ddddddd', ['2bbbbbbb'], ['create table beside ()'], ['drop table beside'])
  await expect(squash(w.revisions, { range: ':3ccccccc' })).rejects.toMatchObject({
    code: 'SQUASH_RANGE',
  })
  await rm(join(w.revisions, '20260101000004_4ddddddd_step.ts'))
  await w.write('5eeeeeee', ['3ccccccc'], ['create table after ()'], ['drop table after'])
  const squashed = await squash(w.revisions, { range: ':3ccccccc', message: 'The first year' })
  await loadable(squashed.file)
  expect(squashed).toMatchObject({ replaces: ['1aaaaaaa', '2bbbbbbb', '3ccccccc'] })
  const revisions = await loadRevisions(w.revisions)
  expect(revisions.map(({ id }) => id)).toEqual([squashed.id, '5eeeeeee'])

  expect(await pending(w.t.engine, revisions)).toMatchObject([{ id: '5eeeeeee' }])
  await upgrade(w.t.engine, revisions)
  expect((await current(w.t.engine)).applied.map(({ id }) => id)).toEqual([squashed.id, '5eeeeeee'])

  await using fresh = await setup()
  await upgrade(fresh.engine, revisions)
  expect(await rows(fresh)).toEqual(ROW)
  expect(await fresh.tables()).toEqual(['after', 'things'])
})

test('a database in the middle of what was squashed is sent to its end first', async () => {
  await using w = await world()
  await upgrade(w.t.engine, await loadRevisions(w.revisions), { to: '2bbb' })
  const { file } = await squash(w.revisions)
  await loadable(file)
  const revisions = await loadRevisions(w.revisions)
  await expect(upgrade(w.t.engine, revisions)).rejects.toMatchObject({
    code: 'REVISION_SQUASHED',
    message: expect.stringContaining('bring the database to the last of them, 3ccccccc'),
  })
})

test('a baseline holds what was there, for databases that come later', async () => {
  await using w = await world()
  await w.t.witness('create table things (name text)')
  const dump = join(w.folder, 'dump.sql')
  await writeFile(
    dump,
    `--\n-- a dump\n--\n\\restrict x\nSET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n-- the table\nCREATE TABLE public.things (name text);\n`,
  )
  await expect(baseline(w.revisions)).rejects.toMatchObject({ code: 'BASELINE_LATE' })
  const empty = join(w.folder, 'new')
  const first = await baseline(empty, { sqlFile: dump })
  expect(await readFile(first.file, 'utf8')).toContain(
    '  `CREATE TABLE public.things (name text)`,\n',
  )
  await loadable(first.file)
  const revisions = await loadRevisions(empty)
  await stamp(w.t.engine, revisions, { to: 'head' })
  expect((await upgrade(w.t.engine, revisions)).revisions).toEqual([])
  await using fresh = await setup()
  await upgrade(fresh.engine, revisions)
  expect(await fresh.tables()).toEqual(['things'])
})

test('what Kysely has migrated is taken over without running it again', async () => {
  await using w = await world()
  const before = join(w.folder, 'migrations')
  await mkdir(before)
  const migration = (body: string) =>
    `import { Kysely,\n  sql } from '${kysely}'\n\nexport async function up(db: Kysely<any>) { await sql\`${body}\`.execute(db) }\n`
  await writeFile(
    join(before, '2024_01_02_first.ts'),
    `${migration('create table first ()')}export async function down() {}\n`,
  )
  await writeFile(join(before, '2024_02_03_second.ts'), migration('create table second ()'))
  const provider = {
    getMigrations: async () =>
      Object.fromEntries(
        await Promise.all(
          ['2024_01_02_first', '2024_02_03_second'].map(async (name) => [
            name,
            await import(pathToFileURL(join(before, `${name}.ts`)).href),
          ]),
        ),
      ),
  }
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: w.t.url }) }),
  })
  const { error } = await new Migrator({ db, provider }).migrateUp()
  expect(error).toBeUndefined()
  await db.destroy()

  const target = join(w.folder, 'taken')
  const written = await convertKyselyMigrations(before, target)
  expect(written.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^20240102000000_[0-9a-f]{8}_first$/),
    expect.stringMatching(/^20240203000000_[0-9a-f]{8}_second$/),
  ])
  expect(await convertKyselyMigrations(before, target)).toEqual([])
  const revisions = await loadRevisions(target)
  expect(await adoptKysely(w.t.engine, revisions)).toEqual([written[0]?.id])
  expect(await adoptKysely(w.t.engine, revisions)).toEqual([])
  expect((await upgrade(w.t.engine, revisions)).revisions).toMatchObject([{ id: written[1]?.id }])
  expect(await w.t.tables()).toEqual([
    'first',
    'kysely_migration',
    'kysely_migration_lock',
    'second',
  ])
  await expect(adoptKysely(w.t.engine, revisions, { table: 'other' })).rejects.toMatchObject({
    code: 'KYSELY_TABLE',
  })
  await expect(adoptKysely(w.t.engine, [], {})).rejects.toMatchObject({ code: 'REVISION_MISSING' })
})

/** Runs a script as the servers' own program would, if that is there, or else statement by statement. */
async function psql(url: string, script: string): Promise<void> {
  const file = join(await mkdtemp(join(tmpdir(), 'aquifer-script-')), 'script.sql')
  await writeFile(file, script)
  const program = await promisify(execFile)('psql', ['--version']).catch(() => undefined)
  if (program !== undefined) await promisify(execFile)('psql', ['-X', '-d', url, '-f', file])
  else {
    const pool = new Pool({ connectionString: url, max: 1 })
    await pool.query(script.replaceAll(/^\\.*$/gm, ''))
    await pool.end()
  }
  await rm(fileURLToPath(pathToFileURL(join(file, '..'))), { recursive: true })
}

test('literals in a script are what the parameters were', async () => {
  await using t = await setup()
  const values = [
    1,
    1.5,
    12n,
    true,
    null,
    "it's \\ ; $1",
    new Date(0),
    Buffer.from('ab'),
    ['a"b', null],
    { a: 1 },
  ]
  const types = [
    'int',
    'float8',
    'int8',
    'bool',
    'text',
    'text',
    'timestamptz',
    'bytea',
    'text[]',
    'jsonb',
  ]
  const columns = types.map((type, at) => `$${at + 1}::${type} as c${at}`).join(', ')
  const revisions = [
    {
      id: 'aa',
      name: 'aa',
      file: 'aa.ts',
      checksum: '',
      parents: [],
      phase: 'expand' as const,
      transaction: true,
      up: async (db: Kysely<unknown>) => {
        await db.executeQuery({
          ...kyselySql`x`.compile(db),
          sql: `create table literals as select ${columns}, '$1' as c10`,
          parameters: values,
        })
      },
      down: async () => {},
    },
  ]
  await psql(t.url, await sql(revisions))
  const [row] = await t.witness<Record<string, unknown>>('select * from literals')
  const expected = await t.witness<Record<string, unknown>>(
    `select ${columns}, '$1' as c10`,
    values,
  )
  expect(row).toEqual(expected[0])
})
