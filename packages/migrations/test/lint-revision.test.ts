import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { lint } from '../src/commands/lint.ts'

const kysely = pathToFileURL(createRequire(import.meta.url).resolve('kysely')).href

interface Parts {
  readonly up: string
  readonly down?: string
  readonly header?: string
}

/** Lints one revision whose `up` begins on line 4. */
async function lintRevision({
  up,
  down = '',
  header = "phase: 'expand', transaction: true",
}: Parts) {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-lint-'))
  const file = '20260101000000_aaaaaaaa_step.ts'
  const code = `import { sql } from '${kysely}'
export const revision = { id: 'aaaaaaaa', parents: [], ${header} }
export async function up(db: any): Promise<void> {
${up}
}
export async function down(db: any): Promise<void> {
${down}
}
`
  await writeFile(join(folder, file), code)
  try {
    return await lint([file], { cwd: folder, recordTimeoutMs: 2_000 })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const places = ({ findings }: Awaited<ReturnType<typeof lint>>) =>
  findings.map(({ rule, line, column }) => `${line}:${column} ${rule}`)

test('what the schema builder would run is judged where the call begins', async () => {
  const result = await lintRevision({
    up: `  const table = 'orders'
  await db.schema
    .createIndex('orders_note')
    .on(table)
    .column('note')
    .execute()
  await db.schema.alterTable(table).addColumn('a', 'integer', (c) => c.notNull()).execute()`,
  })
  expect(places(result)).toEqual(['5:3 index-not-concurrent', '10:3 not-null-without-default'])
  expect(result.findings[0]).toMatchObject({
    file: '20260101000000_aaaaaaaa_step.ts',
    direction: 'up',
    statement: 'create index "orders_note" on "orders" ("note")',
    lock: 'SHARE on orders: writes wait',
  })
})

test('in a template of SQL the very line and column is told', async () => {
  const result = await lintRevision({
    up: `  await sql\`
    alter table é
      add column ok int,
      add column bad timestamp
  \`.execute(db)`,
  })
  expect(places(result)).toEqual(['7:18 timestamp-without-zone'])
})

test('SQL that is put together is told where the call begins', async () => {
  const result = await lintRevision({
    up: `  for (const name of ['a', 'b']) {
    await sql.raw(\`create index on t (\${name})\`).execute(db)
  }
  await sql\`create index on \${sql.table('t')} (c)\`.execute(db)`,
  })
  expect(places(result)).toEqual(['5:5 index-not-concurrent', '7:3 index-not-concurrent'])
})

test('a statement of a helper in another place of the file is told there', async () => {
  const result = await lintRevision({
    up: `  const index = async (column: string) => {
    await db.schema.createIndex('i').on('t').column(column).execute()
  }
  await Promise.all([index('a'), index('b')])`,
  })
  expect(places(result)).toEqual(['5:5 index-not-concurrent'])
})

test.each([
  [
    'before',
    '  // aquifer-lint-ignore index-not-concurrent: ten rows\n  await db.schema.createIndex("i").on("t").column("a").execute()',
  ],
  [
    'two lines before',
    '  // aquifer-lint-ignore index-not-concurrent: ten rows\n  // of the seed\n  await db.schema.createIndex("i").on("t").column("a").execute()',
  ],
  [
    'in the chain',
    '  await db.schema\n    // aquifer-lint-ignore index-not-concurrent: ten rows\n    .createIndex("i")\n    .on("t")\n    .column("a")\n    .execute()',
  ],
  [
    'in the SQL',
    '  await sql`\n    -- aquifer-lint-ignore index-not-concurrent: ten rows\n    create index i on t (a)`.execute(db)',
  ],
  [
    'as a block',
    '  /* aquifer-lint-ignore index-not-concurrent: ten rows */\n  await db.schema.createIndex("i").on("t").column("a").execute()',
  ],
])('a comment %s ignores a finding, with its reason', async (_where, up) => {
  const result = await lintRevision({ up })
  expect(result.findings).toEqual([])
  expect(result.ignored).toMatchObject([{ rule: 'index-not-concurrent', reason: 'ten rows' }])
})

test('a comment ignores the statement behind it and no other', async () => {
  const result = await lintRevision({
    up: `  // aquifer-lint-ignore index-not-concurrent: ten rows
  await db.schema.createIndex('i').on('t').column('a').execute()
  await db.schema.createIndex('j').on('t').column('b').execute()`,
  })
  expect(places(result)).toEqual(['6:3 index-not-concurrent'])
})

test.each([
  [
    'rows',
    'const { rows } = await sql`select 1 as a`.execute(db)\n  await sql.raw(rows[0].a).execute(db)',
  ],
  [
    'a loop over rows',
    'for (const row of await db.selectFrom("t").selectAll().execute()) await sql.raw(row.name).execute(db)',
  ],
  [
    'the first row',
    'const row = await db.selectFrom("t").selectAll().executeTakeFirst()\n  if (row) await sql`drop table t`.execute(db)',
  ],
  [
    'what was returned',
    'const [row] = await db.insertInto("t").values({ a: 1 }).returning("id").execute()',
  ],
  ['the catalog', 'for (const t of await db.introspection.getTables()) console.log(t)'],
  ['a stream', 'for await (const row of db.selectFrom("t").selectAll().stream()) console.log(row)'],
  [
    'rows, and catches what that throws',
    'const rows = await db.selectFrom("t").selectAll().execute()\n  try { rows.forEach(() => {}) } catch {}',
  ],
])('a revision that goes by %s is no crash: it cannot be recorded', async (_what, up) => {
  const result = await lintRevision({
    up: `  await db.schema.dropTable('gone').execute()\n  ${up}`,
  })
  expect(places(result)).toContain('4:3 drop-table')
  expect(result.findings.find(({ rule }) => rule === 'unrecordable')).toMatchObject({
    severity: 'warning',
    message: expect.stringContaining('up cannot be recorded: it goes by what'),
    line: 5,
  })
})

test('an answer that nobody looks at is no trouble', async () => {
  const result = await lintRevision({
    up: `  await sql\`select pg_notify('a', 'b')\`.execute(db)
  const answer = await db.selectFrom('t').selectAll().execute()
  void answer
  const { numUpdatedRows } = await db.updateTable('t').set({ a: 1 }).where('id', '=', 1).executeTakeFirst()
  if (numUpdatedRows > 0n) await sql\`drop table t\`.execute(db)`,
  })
  expect(result.findings).toEqual([])
  expect(result.statements).toBe(3)
})

test.each([
  ['an error', "throw new Error('bad luck')", 'it threw: bad luck'],
  [
    'a loop without an end',
    'for (;;) await sql`select 1`.execute(db)',
    'it runs more than 10000 statements',
  ],
  ['a wait without an end', 'await new Promise(() => {})', 'it had not ended after 2000 ms'],
  ['something that is no error', 'throw undefined', 'it failed without a reason'],
])('%s in a revision is a finding', async (_what, up, reason) => {
  const { findings } = await lintRevision({ up: `  ${up}` })
  expect(findings).toMatchObject([
    { rule: 'unrecordable', message: expect.stringContaining(reason) },
  ])
})

test('a way down that refuses is none; it may drop, but its locks count', async () => {
  const refuses = await lintRevision({ up: '', down: "  throw new Error('there is no way back')" })
  expect(refuses.findings).toEqual([])
  const drops = await lintRevision({
    up: "  await db.schema.createTable('t').addColumn('a', 'text').execute()",
    down: `  await db.schema.dropTable('t').execute()
  await db.schema.alterTable('u').dropColumn('b').execute()
  await db.schema.createIndex('i').on('u').column('a').execute()`,
  })
  expect(drops.findings).toMatchObject([{ rule: 'index-not-concurrent', direction: 'down' }])
})

test('the header says whether there is a transaction and whether old applications are gone', async () => {
  const up = `  await sql\`create index concurrently if not exists i on t (a)\`.execute(db)
  await sql\`alter table t drop column b\`.execute(db)`
  const header = (phase: string, transaction: boolean) =>
    `phase: '${phase}', transaction: ${transaction}`
  const rules = async (text: string) => {
    const { findings } = await lintRevision({ up, header: text })
    return findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)
  }
  expect(await rules(header('expand', true))).toEqual([
    'concurrently-in-transaction',
    'drop-column',
  ])
  expect(await rules(header('contract', false))).toEqual([])
})

test('statements of one message share a transaction, also outside of one', async () => {
  const up = '  await sql.raw("create index concurrently i on t (a); select 1").execute(db)'
  const { findings } = await lintRevision({ up, header: "phase: 'expand', transaction: false" })
  expect(findings.map(({ rule }) => rule)).toContain('concurrently-in-transaction')
})

test("a transaction of the revision's own is seen", async () => {
  const up = `  await db.transaction().execute(async (trx: any) => {
    await sql\`alter table t add constraint c check (a > 0) not valid\`.execute(trx)
    await sql\`alter table t validate constraint c\`.execute(trx)
  })`
  const inside = await lintRevision({ up })
  expect(inside.findings.map(({ rule }) => rule)).toContain('nested-transaction')
  const outside = await lintRevision({ up, header: "phase: 'expand', transaction: false" })
  expect(places(outside)).toEqual(['6:15 validate-in-same-transaction'])
})

test('what revisions before it have done is known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-lint-'))
  const write = (name: string, statements: string[], transaction: boolean) =>
    writeFile(
      join(folder, `${name}.mjs`),
      `import { sql } from '${kysely}'
export const revision = { transaction: ${transaction} }
export async function up(db) {
${statements.map((text) => `  await sql.raw(${JSON.stringify(text)}).execute(db)`).join('\n')}
}
export async function down() {}`,
    )
  await write('20260101000000_aaaaaaaa_one', ['create table t (a varchar(10), b int)'], true)
  await write(
    '20260101000001_bbbbbbbb_two',
    ['alter table t add constraint c check (b is not null) not valid'],
    true,
  )
  await write('20260101000002_cccccccc_three', ['alter table t validate constraint c'], true)
  await write(
    '20260101000003_dddddddd_four',
    [
      'alter table t alter b set not null',
      'alter table t drop constraint c',
      'alter table t alter a type varchar(20)',
      'create index on t (a)',
    ],
    true,
  )
  const { findings, files } = await lint([folder])
  await rm(folder, { recursive: true })
  expect(files).toBe(4)
  expect(findings.map(({ rule }) => rule)).toEqual(['index-not-concurrent'])
})

test.each([
  ['a file with a mistake in its code', 'export const = 1', 'cannot be loaded'],
  ['a file without `up`', 'export const x = 1', 'exports no function `up`'],
  ['a file that throws when it is loaded', 'throw new Error("oh no")', 'cannot be loaded: oh no'],
])('%s is a finding, and the others are judged', async (_what, code, reason) => {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-lint-'))
  await writeFile(join(folder, 'a.ts'), code)
  await writeFile(join(folder, 'b.sql'), 'drop database d')
  const { findings } = await lint(['a.ts', 'b.sql'], { cwd: folder })
  await rm(folder, { recursive: true })
  expect(findings).toMatchObject([
    { rule: 'unrecordable', file: 'a.ts', message: expect.stringContaining(reason) },
    { rule: 'drop-database', file: 'b.sql' },
  ])
})
