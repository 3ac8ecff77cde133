import { expect, test } from 'vitest'
import { createProject } from './project.ts'

/** `lint` itself never needs a server. */
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none'

async function world() {
  const project = await createProject(NOWHERE)
  await project.revision('aaaaaaaa', { up: ['create table a (x text)'], down: ['drop table a'] })
  return project
}

test('without files all revisions are linted; nothing found ends with 0', async () => {
  await using project = await world()
  expect(await project.run('lint')).toEqual({
    code: 0,
    out: 'nothing found in 2 statements of 1 file\n',
    err: '',
  })
})

test('a finding ends with 5 and says where and why', async () => {
  await using project = await world()
  await project.revision('bbbbbbbb', { up: ['create index on b (x)'] })
  const { code, out, err } = await project.run('lint')
  expect({ code, err }).toEqual({ code: 5, err: '' })
  expect(out).toMatch(
    /^revisions\/20260101000001_bbbbbbbb_step\.ts:4:18 {2}error {2}index-not-concurrent\n {2}building .*\n {2}> create index/,
  )
  expect(out).toMatch(/\n1 error in 3 statements of 2 files\n$/)
})

test('files and folders can be named, with rules left out', async () => {
  await using project = await world()
  await project.file('a.sql', 'drop table x;\nselec 1')
  const both = await project.run('lint', 'a.sql', 'revisions')
  expect(both.code).toBe(5)
  expect(both.out).toContain('a.sql:2:1  error  syntax-error\n')
  expect(both.out).toContain('in 3 statements of 2 files')
  const exclude = [
    'drop-table',
    'syntax-error',
    'lock-timeout-missing',
    'statement-timeout-missing',
  ]
  const flags = exclude.flatMap((rule) => ['--exclude', rule])
  expect((await project.run('lint', 'a.sql', ...flags)).code).toBe(0)
})

test('JSON is one document, asked for either way, and GitHub gets annotations', async () => {
  await using project = await world()
  await project.file('a.sql', 'drop database d')
  for (const flags of [['--json'], ['--format', 'json']]) {
    const { code, out } = await project.run('lint', 'a.sql', ...flags)
    expect(code).toBe(5)
    expect(out.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(out)).toMatchObject({
      failed: true,
      findings: [{ rule: 'drop-database', file: 'a.sql', line: 1, column: 1 }],
    })
  }
  const { code, out } = await project.run('lint', 'a.sql', '--format', 'github')
  expect(code).toBe(5)
  expect(out).toMatch(
    /^::error file=a\.sql,line=1,col=1,title=drop-database::all of database d is lost/,
  )
})

test('a file of SQL can be told to run in a transaction', async () => {
  await using project = await world()
  await project.file('a.sql', 'create index concurrently if not exists i on t (a)')
  expect((await project.run('lint', 'a.sql')).code).toBe(0)
  const inside = await project.run('lint', 'a.sql', '--in-transaction')
  expect(inside).toMatchObject({
    code: 5,
    out: expect.stringContaining('concurrently-in-transaction'),
  })
})

test.each([
  [['lint', 'nowhere.sql'], 'there is no file or folder nowhere.sql'],
  [['lint', 'aquifer.config.ts.bak'], 'there is no file or folder'],
  [['lint', '--format', 'xml'], 'Allowed choices are text, json, github'],
  [['lint', '--exclude', 'nosuch'], 'there is no rule "nosuch"'],
  [['lint', '--server-version', 'new'], 'It is a major version of PostgreSQL'],
])(
  'aquifer %j is a usage error: exit code 2 and a reason without a stack',
  async (args, reason) => {
    await using project = await world()
    const ended = await project.run(...args)
    expect(ended).toMatchObject({ code: 2, out: '', err: expect.stringContaining(reason) })
    expect(ended.err).not.toMatch(/^ {4}at /m)
  },
)

test('a revision that fails while it is recorded shows no stack', async () => {
  await using project = await world()
  await project.file(
    'revisions/20260101000009_cccccccc_bad.ts',
    `export async function up(db) {\n  null.x\n}\n`,
  )
  const { code, out, err } = await project.run('lint')
  expect({ code, err }).toEqual({ code: 5, err: '' })
  expect(out).toContain('20260101000009_cccccccc_bad.ts:2:3  warning  unrecordable\n')
  expect(`${out}${err}`).not.toMatch(/^ {4}at /m)
})

test('only with --database is the database asked', async () => {
  await using project = await world()
  const { code, err } = await project.run('lint', '--database')
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('127.0.0.1:1') })
})

test('no other command loads the parser or a rule', async () => {
  await using project = await world()
  const tell = `import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) {
  if (/libpg-query|src[/]lint[/]/.test(url)) process.stderr.write('loaded\\n')
  return next(url, context)
} })`
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(tell)}`
  const loads = async (...args: string[]) =>
    (await project.start(args, { NODE_OPTIONS }).ended).err.includes('loaded')
  expect(await loads('lint')).toBe(true)
  expect(await loads('heads')).toBe(false)
  expect(await loads('current')).toBe(false)
})
