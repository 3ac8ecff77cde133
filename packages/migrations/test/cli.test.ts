import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createProject, type Ended } from './project.ts'
import { setup } from './setup.ts'

async function world() {
  const t = await setup()
  const project = await createProject(t.url)
  await project.revision('aaaaaaaa', { up: ['create table a ()'], down: ['drop table a'] })
  await project.revision('bbbbbbbb', { up: ['create table b ()'], down: ['drop table b'] })
  return {
    t,
    project,
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]()
      await t[Symbol.asyncDispose]()
    },
  }
}

const documents = ({ out }: Ended) =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

const DURATION = String.raw`\s+\d+ ms`

beforeAll(async () => {
  // The first start compiles everything; no test is to pay for it.
  await using w = await world()
  await w.project.run('heads')
})

test('upgrade shows each step and its time, and says when there is nothing to do', async () => {
  await using w = await world()
  const first = await w.project.run('upgrade')
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(first.out).toMatch(
    new RegExp(
      `^up    20260101000000_aaaaaaaa_step${DURATION}\n` +
        `up    20260101000001_bbbbbbbb_step${DURATION}\n` +
        `2 revisions applied in \\d+ ms: the database is at bbbbbbbb\n$`,
    ),
  )
  expect(await w.project.run('upgrade')).toEqual({
    code: 0,
    out: 'nothing to do: the database is at bbbbbbbb\n',
    err: '',
  })
})

test('downgrade goes one step without a target, and to the base by name', async () => {
  await using w = await world()
  await w.project.call('upgrade')
  const one = await w.project.call('downgrade')
  expect(one.out).toMatch(
    new RegExp(
      `^down  20260101000001_bbbbbbbb_step${DURATION}\n1 revision undone in \\d+ ms: the database is at aaaaaaaa\n$`,
    ),
  )
  expect((await w.project.call('downgrade', '-1')).out).toContain('the database is at the base')
  expect(await w.project.call('downgrade', 'base')).toMatchObject({
    code: 0,
    out: 'nothing to do: the database is at the base\n',
  })
  expect(await w.t.tables()).toEqual([])
})

test('current tells where the database stands and what is pending', async () => {
  await using w = await world()
  expect((await w.project.call('current')).out).toBe('nothing is applied, 2 revisions pending\n')
  await w.project.call('upgrade', '+1')
  expect((await w.project.call('current')).out).toMatch(
    /^aaaaaaaa {2}step {2}applied \d{4}-\d\d-\d\d \d\d:\d\d\n1 revision pending\n$/,
  )
})

test('history lists the newest first', async () => {
  await using w = await world()
  await w.project.call('upgrade', 'aaaa')
  const { out } = await w.project.call('history')
  expect(out).toMatch(
    /^id +written \(UTC\) +revision +state\nbbbbbbbb .* step +pending, head\naaaaaaaa {2}2026-01-01 00:00 {2}step +applied .*, \d+ ms\n$/,
  )
})

test('revision writes a file on top of the head, and heads shows it without a database', async () => {
  await using w = await world()
  const { code, out } = await w.project.call('revision', 'Add invoices', '--empty')
  expect(code).toBe(0)
  expect(out).toMatch(/^revisions\/\d{14}_[0-9a-f]{8}_add_invoices\.ts\n$/)
  expect(await readFile(join(w.project.folder, out.trim()), 'utf8')).toContain(
    "parents: ['bbbbbbbb']",
  )
  const heads = await w.project.start(['heads'], { PROJECT_URL: '' }).ended
  expect(heads.out).toMatch(/^[0-9a-f]{8} {2}add_invoices\n$/)
})

test('with --json every line of output is one document, and nothing else is printed', async () => {
  await using w = await world()
  const upgraded = await w.project.call('upgrade', '--json')
  expect(upgraded.err).toBe('')
  expect(documents(upgraded).map(({ event, id, state }) => [event, id, state])).toEqual([
    ['planned', undefined, undefined],
    ['started', 'aaaaaaaa', undefined],
    ['statement', 'aaaaaaaa', 'started'],
    ['statement', 'aaaaaaaa', 'finished'],
    ['finished', 'aaaaaaaa', undefined],
    ['started', 'bbbbbbbb', undefined],
    ['statement', 'bbbbbbbb', 'started'],
    ['statement', 'bbbbbbbb', 'finished'],
    ['finished', 'bbbbbbbb', undefined],
    ['done', undefined, undefined],
  ])
  expect(documents(await w.project.call('--json', 'current'))).toMatchObject([
    { heads: [{ id: 'bbbbbbbb' }], pending: [] },
  ])
  expect(documents(await w.project.call('history', '--json'))).toMatchObject([
    {
      revisions: [
        { id: 'bbbbbbbb', head: true },
        { id: 'aaaaaaaa', head: false },
      ],
    },
  ])
  expect(documents(await w.project.call('heads', '--json'))).toMatchObject([
    { heads: [{ id: 'bbbbbbbb', parents: ['aaaaaaaa'] }] },
  ])
  expect(documents(await w.project.call('revision', 'x', '--empty', '--json'))).toMatchObject([
    { id: expect.any(String), parents: ['bbbbbbbb'], file: expect.stringMatching(/_x\.ts$/) },
  ])
})

test('a failed revision: exit code 1, its file and line, no stack', async () => {
  await using w = await world()
  await w.project.revision('cccccccc', { up: ['create table c ()', 'create table c ()'] })
  const failed = await w.project.run('upgrade')
  expect(failed.code).toBe(1)
  expect(failed.out).toMatch(/\nup {4}20260101000002_cccccccc_step {2}failed\n$/)
  expect(failed.err).toBe(
    'aquifer: 20260101000002_cccccccc_step failed on its way up, line 5: relation "c" already exists (SQLSTATE 42P07). ' +
      'It was rolled back; correct the file and run the command again\n',
  )
  expect((await w.project.run('upgrade', '--stack')).err).toMatch(/\n {4}at /)
  expect(documents(await w.project.run('upgrade', '--json')).at(-1)).toEqual({
    error: {
      code: 'REVISION_FAILED',
      kind: 'migration',
      message: expect.stringContaining('cccccccc'),
      retryable: false,
      outcome: 'rolledBack',
    },
  })
})

test.each([
  [['nosuch'], "unknown command 'nosuch'"],
  [['upgrade', '--nosuch'], "unknown option '--nosuch'"],
  [['upgrade', 'head', 'too-much'], 'too many arguments'],
  [['upgrade', '--wait', 'long'], 'It is a number of seconds'],
  [['upgrade', '-1'], '"-1" is no target here'],
  [['downgrade', '+1'], '"+1" is no target here'],
  [['revision', 'x'], "required option '--empty' not specified"],
  [['current', '--config', 'nowhere.ts'], 'nowhere.ts: --config names an aquifer.config.ts'],
  [[], 'Usage: aquifer'],
])(
  'aquifer %j is a usage error: exit code 2 and a reason without a stack',
  async (args, reason) => {
    await using w = await world()
    const ended = await w.project.call(...args)
    expect(ended).toMatchObject({ code: 2, out: '', err: expect.stringContaining(reason) })
    expect(ended.err).not.toMatch(/^ {4}at /m)
    if (args.length > 0) {
      const inJson = await w.project.call(...args, '--json')
      expect(inJson).toMatchObject({ code: 2, err: '' })
      expect(documents(inJson)).toEqual([{ error: expect.objectContaining({ kind: 'usage' }) }])
    }
  },
)

test('what the configuration misses is a usage error with its own words', async () => {
  await using w = await world()
  const ended = await w.project.start(['current'], { PROJECT_URL: '' }).ended
  expect(ended).toEqual({ code: 2, out: '', err: 'aquifer: set DATABASE_URL\n' })
})

test('a server that does not answer: exit code 1 and its address', async () => {
  await using w = await world()
  const url = 'postgres://someone:secret@127.0.0.1:1/none'
  const ended = await w.project.start(['current'], { PROJECT_URL: url }).ended
  expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('127.0.0.1:1') })
  expect(ended.err).not.toContain('secret')
})

test('the configuration is found from a folder below it', async () => {
  await using w = await world()
  const below = join(w.project.folder, 'some', 'where')
  await mkdir(below, { recursive: true })
  expect((await w.project.start(['heads'], {}, below).ended).out).toBe('bbbbbbbb  step\n')
})

test.each([
  ['no default export', 'export const x = 1', 'needs `export default defineConfig'],
  ['an error', 'throw new Error("bad luck")', 'cannot be loaded: bad luck'],
])('a configuration with %s is refused by name', async (_what, text, reason) => {
  await using w = await world()
  const file = await w.project.file('other.config.ts', text)
  const ended = await w.project.call('heads', '--config', file)
  expect(ended).toMatchObject({ code: 2, err: expect.stringContaining(reason) })
  expect(ended.err).toContain(file)
})

test('help and version are no errors', async () => {
  await using w = await world()
  expect(await w.project.run('--help')).toMatchObject({
    code: 0,
    out: expect.stringContaining('upgrade'),
  })
  expect((await w.project.run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await w.project.run('upgrade', '--help')).out).toContain('--config <file>')
})
