import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lint, lintRules, readLintFacts } from '../src/index.ts'
import { STEADY_FUNCTIONS, VOLATILE_FUNCTIONS } from '../src/lint/volatility.ts'
import { setup } from './setup.ts'

const placesIn = async (sql: string) => {
  const { findings } = await lint([{ file: 'x.sql', sql }], { exclude: LIMITS })
  return findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`)
}

/** Rules that find something in almost every change. */
const LIMITS = [
  'lock-timeout-missing',
  'statement-timeout-missing',
  'not-rerunnable',
  'several-strong-locks',
]

test('a finding has all that it takes to act on it', async () => {
  const sql = "select 'ä';\n\n  drop table users;"
  const { findings, failed } = await lint([{ file: 'x.sql', sql }], { exclude: LIMITS })
  expect(failed).toBe(true)
  expect(findings).toEqual([
    {
      rule: 'drop-table',
      severity: 'error',
      file: 'x.sql',
      line: 3,
      column: 3,
      direction: 'up',
      statement: 'drop table users',
      message: 'users is lost, and may still be in use',
      why: expect.stringContaining('What is in it is gone'),
      lock: expect.stringContaining('ACCESS EXCLUSIVE'),
      rewrite: expect.stringContaining("phase: 'contract'"),
    },
  ])
})

test('places are right among comments, several statements and letters beyond ASCII', async () => {
  expect(
    await placesIn(
      `/* é */ create table "ü" (\n  "ö" text, bad json); -- ä\nselect 'drop table x';drop table y;\n-- 😀\n  drop table z`,
    ),
  ).toEqual(['2:13 json-type', '3:23 drop-table', '5:3 drop-table'])
})

test('a syntax error is told where the parser stopped, and the rest is judged', async () => {
  expect(await placesIn("drop table é;\nselect 'ä' form t where;\n\ndrop table b")).toEqual([
    '1:1 drop-table',
    '2:17 syntax-error',
    '4:1 drop-table',
  ])
  expect(await placesIn("drop table a; select 'no end")).toEqual(['1:22 syntax-error'])
  expect(await placesIn('select 1 \0; drop table a')).toEqual(['1:10 syntax-error'])
  expect(await placesIn('create table t (a int')).toEqual(['1:22 syntax-error'])
})

test('statements in a block are told where they stand', async () => {
  expect(
    await placesIn(
      `do $body$\nbegin\n  if true then\n    drop table é;\n  end if;\n  execute 'drop table b';\n  execute 'drop table ' || c;\nend\n$body$;\ndrop table d`,
    ),
  ).toEqual(['4:5 drop-table', '6:11 drop-table', '7:11 unreadable-sql', '10:1 drop-table'])
})

test('a comment in a block ignores the statement behind it', async () => {
  const sql = `do $$ begin
  -- aquifer-lint-ignore drop-table: empty
  drop table a;
  drop table b;
end $$`
  const { findings, ignored } = await lint([{ file: 'x.sql', sql }], {
    exclude: LIMITS,
  })
  expect(findings).toMatchObject([{ rule: 'drop-table', line: 4 }])
  expect(ignored).toMatchObject([{ rule: 'drop-table', line: 3, reason: 'empty' }])
})

test('a comment belongs to the statement on its line, or else to the one after it', async () => {
  const ignore = '-- aquifer-lint-ignore drop-table: empty\n'
  const sql = `drop table a; ${ignore}drop table b;\n${ignore}\ndrop table c;\ndrop /* x */ table d ${ignore};`
  const { findings, ignored } = await lint([{ file: 'x.sql', sql }], { exclude: LIMITS })
  expect(findings).toMatchObject([{ statement: 'drop table b' }])
  expect(ignored.map(({ statement }) => statement.slice(0, 14))).toEqual([
    'drop table a',
    'drop table c',
    'drop /* x */ t',
  ])
})

test('in a plan lines are counted from its first step', async () => {
  const plan = [
    { sql: 'create table t (\n  a text\n)', transactional: true },
    { sql: 'create index concurrently i on u (a)', transactional: true },
  ]
  const { findings } = await lint([{ file: 'plan', plan }])
  expect(findings).toMatchObject([{ rule: 'concurrently-in-transaction', file: 'plan', line: 4 }])
})

test('work through the rows of a small table is a notice; what breaks somebody is not', async () => {
  const sql = 'create index on small (a); create index on s.small (a); drop table small'
  const rowCounts = new Map([
    ['small', 5_000],
    ['s.small', 50_000],
  ])
  const severities = async (options: object) => {
    const { findings } = await lint([{ file: 'x.sql', sql }], { exclude: LIMITS, ...options })
    return findings.map(({ severity }) => severity)
  }
  expect(await severities({})).toEqual(['error', 'error', 'error'])
  expect(await severities({ rowCounts })).toEqual(['notice', 'error', 'error'])
  expect(await severities({ rowCounts, smallTableRows: 100_000 })).toEqual([
    'notice',
    'notice',
    'error',
  ])
})

test('notices alone are no failure', async () => {
  const sql = 'create unique index concurrently if not exists i on t (a)'
  const { findings, failed } = await lint([{ file: 'x.sql', sql }])
  expect(findings).toMatchObject([{ rule: 'unique-may-collide', severity: 'notice' }])
  expect(failed).toBe(false)
})

test('the rewrite is one that the server understands', async () => {
  const rewrite = async (serverVersion: number) => {
    const sql = 'alter table t alter a set not null'
    const { findings } = await lint([{ file: 'x.sql', sql }], { exclude: LIMITS, serverVersion })
    return findings[0]?.rewrite
  }
  expect(await rewrite(17)).toContain('CHECK (column IS NOT NULL) NOT VALID')
  expect(await rewrite(18)).toContain('NOT NULL column NOT VALID')
})

test('a folder holds files of SQL and revisions; what else lies there is left alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-lint-'))
  await writeFile(join(folder, 'b.sql'), 'drop table b')
  await writeFile(join(folder, 'a.SQL'), 'drop table a')
  await writeFile(join(folder, 'notes.md'), 'drop table')
  await writeFile(join(folder, 'helper.ts'), 'throw new Error("no revision")')
  const { findings, files } = await lint([folder], { cwd: folder, exclude: LIMITS })
  await rm(folder, { recursive: true })
  expect(files).toBe(2)
  expect(findings.map(({ file }) => file)).toEqual(['a.SQL', 'b.sql'])
})

test.each([
  ['no-such.sql', {}, 'LINT_FILE', 'there is no file or folder no-such.sql'],
  ['package.json', {}, 'LINT_FILE', 'package.json is no .sql file'],
  [
    'package.json',
    { exclude: ['nosuch'] },
    'LINT_RULE',
    'there is no rule "nosuch"; the rules are',
  ],
])('%s with %j is a usage error', async (input, options, code, message) => {
  await expect(lint([input], options)).rejects.toMatchObject({
    code,
    kind: 'usage',
    message: expect.stringContaining(message),
  })
})

test('every rule says why, and what to write instead', async () => {
  const rules = await lintRules()
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
  for (const { id, why, rewrite, lock } of rules) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(why).toMatch(/^[A-Z].*\.$/)
    expect(rewrite.length).toBeGreaterThan(10)
    if (lock !== null) expect(lock.length).toBeGreaterThan(5)
  }
})

test('a database tells its version, its rows and its types', async () => {
  await using t = await setup()
  await t.witness('create schema s')
  await t.witness('create table s.big (note varchar(30))')
  await t.witness("insert into s.big select 'x' from generate_series(1, 20000)")
  await t.witness('create table empty (amount numeric(10, 2))')
  await t.witness('analyze s.big')
  const facts = await readLintFacts(t.engine)
  const [{ version }] = (await t.witness<{ version: number }>(
    `select current_setting('server_version_num')::int / 10000 as version`,
  )) as [{ version: number }]
  expect(facts.serverVersion).toBe(version)
  expect(facts.rowCounts.get('s.big')).toBe(20_000)
  expect(facts.rowCounts.get('empty')).toBe(0)
  expect(facts.columnTypes.get('s.big.note')).toBe('character varying(30)')

  const sql = `alter table s.big alter note type varchar(40); alter table s.big alter note type varchar(20);
    alter table empty alter amount type numeric(8, 2)`
  const { findings } = await lint([{ file: 'x.sql', sql }], { ...facts, exclude: LIMITS })
  expect(findings.map(({ line, severity }) => [line, severity])).toEqual([
    [1, 'error'],
    [2, 'notice'],
  ])
})

test("what is said of PostgreSQL's functions is what its catalog says", async () => {
  await using t = await setup()
  const rows = await t.witness<{ name: string; steady: boolean }>(
    `select proname as name, bool_and(provolatile <> 'v') as steady from pg_proc
     where pronamespace = 'pg_catalog'::regnamespace group by proname`,
  )
  const steady = new Map(rows.map(({ name, steady: each }) => [name, each]))
  // Some are grammar and no function of the catalog; they are never volatile.
  const grammar = ['greatest', 'least', 'localtimestamp', 'trim', 'xml_is_well_formed']
  const wrong = [...STEADY_FUNCTIONS].filter(
    (name) => steady.get(name) !== true && !grammar.includes(name),
  )
  expect(wrong).toEqual([])
  expect([...VOLATILE_FUNCTIONS].filter((name) => steady.get(name) === true)).toEqual([])
})

test('the guide tells of every rule, and of no other', async () => {
  const page = await readFile(new URL('../../../docs/lint.md', import.meta.url), 'utf8')
  const told = [...page.matchAll(/^\| `([a-z][a-z-]+)` \|/gm)].map(([, id]) => id)
  expect(told.sort()).toEqual((await lintRules()).map(({ id }) => id).sort())
})
