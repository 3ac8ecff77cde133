import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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
    run: project.call,
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]()
      await t[Symbol.asyncDispose]()
    },
  }
}

/** The world with a branch named billing beside bbbbbbbb. */
async function forked() {
  const w = await world()
  const parts = { parents: ['aaaaaaaa'], label: 'billing' }
  await w.project.revision('cccccccc', {
    up: ['create table c ()'],
    down: ['drop table c'],
    ...parts,
  })
  return w
}

const documents = ({ out }: Ended) =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

test('pending lists what is missing and ends with exit code 4', async () => {
  await using w = await world()
  expect(await w.run('pending')).toEqual({
    code: 4,
    out: 'aaaaaaaa  step  expand\nbbbbbbbb  step  expand\n',
    err: '',
  })
  await w.run('upgrade')
  expect(await w.run('pending')).toMatchObject({ code: 0, out: 'nothing is pending\n' })
  expect(documents(await w.run('pending', '--json'))).toEqual([{ pending: [] }])
})

test('a dry run prints both ways and changes nothing', async () => {
  await using w = await world()
  expect(await w.run('upgrade', '--dry-run')).toEqual({
    code: 0,
    out: '-- 20260101000000_aaaaaaaa_step: up, expand\ncreate table a ();\n-- 20260101000001_bbbbbbbb_step: up, expand\ncreate table b ();\n',
    err: '',
  })
  expect(await w.t.tables()).toEqual([])
  await w.run('upgrade')
  expect(documents(await w.run('downgrade', 'aaaaaaaa', '--dry-run', '--json'))).toMatchObject([
    { direction: 'down', revisions: [{ id: 'bbbbbbbb', statements: ['drop table b'] }] },
  ])
  expect(await w.t.tables()).toEqual(['a', 'b'])
})

test('targets take steps, and stamp moves the record alone', async () => {
  await using w = await world()
  await w.run('upgrade', 'head-1')
  expect(await w.t.tables()).toEqual(['a'])
  expect((await w.run('stamp', 'head')).out).toBe(
    '1 added, 0 removed: the database is at bbbbbbbb\n',
  )
  expect(await w.t.tables()).toEqual(['a'])
  expect((await w.run('stamp', 'base', '--purge')).out).toBe(
    '0 added, 2 removed: the database is at the base\n',
  )
  expect(documents(await w.run('stamp', 'aaaa', '--json'))).toEqual([
    { added: ['aaaaaaaa'], removed: [], heads: ['aaaaaaaa'] },
  ])
})

test('branches, their labels and the merge of two heads', async () => {
  await using w = await forked()
  expect(await w.run('upgrade')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Join them with aquifer merge'),
  })
  expect((await w.run('branches')).out).toBe(
    'aaaaaaaa  step\n  -> bbbbbbbb  step\n  -> cccccccc  step\ncccccccc  step  (billing)\n',
  )
  await w.run('upgrade', 'billing')
  expect(await w.t.tables()).toEqual(['a', 'c'])
  const merged = await w.run('merge', 'join both')
  expect(merged.out).toMatch(/^revisions\/\d{14}_[0-9a-f]{8}_join_both\.ts\n$/)
  expect((await w.run('merge')).out).toBe('nothing to do: there is one head\n')
  expect((await w.run('history', '--graph')).out).toMatch(
    /^●\s+[0-9a-f]{8} join_both - pending, head, merge of bbbbbbbb and cccccccc\n├─┐\n│ ●\s+cccccccc step \(billing\) - applied .*\n● │\s+bbbbbbbb step - pending\n├─┘\n●\s+aaaaaaaa step - applied .*\n$/,
  )
  expect(documents(await w.run('history', '-r', 'cccc:cccc', '--json'))).toMatchObject([
    { revisions: [{ id: 'cccccccc', label: 'billing' }] },
  ])
})

test('show tells what a file says, without a database', async () => {
  await using w = await forked()
  const { out } = await w.project.start(['show', 'billing'], { PROJECT_URL: '' }).ended
  expect(out).toMatch(
    /^revision {5}cccccccc\nname .*\nfile .*\nparents {6}aaaaaaaa\nchildren {5}none\nphase {8}expand\n/,
  )
  expect(documents(await w.run('show', 'aaaa', '--json'))).toMatchObject([
    { id: 'aaaaaaaa', children: ['bbbbbbbb', 'cccccccc'], head: false },
  ])
})

test('sql prints a script without a database', async () => {
  await using w = await world()
  const { out, code } = await w.project.start(['sql', 'aaaa:bbbb'], { PROJECT_URL: '' }).ended
  expect(code).toBe(0)
  expect(out).toMatch(
    /\n-- 20260101000001_bbbbbbbb_step: up\nbegin;\ncreate table b \(\);\ninsert into aquifer\.revision .*;\ncommit;\n$/,
  )
  expect(documents(await w.run('sql', '--down', '--json'))).toMatchObject([
    { direction: 'down', script: expect.stringContaining('drop table b;') },
  ])
})

test('contract is refused beside an older version, left out by phase, and forced by name', async () => {
  await using w = await world()
  await w.project.revision('cccccccc', { up: ['drop table a'], phase: 'contract' })
  await using _older = await w.t.deployer('shop', { name: 'api', version: '0.9' }).acquire()
  expect(await w.run('upgrade', '--phase', 'expand')).toMatchObject({ code: 0 })
  expect(await w.run('upgrade')).toMatchObject({
    code: 1,
    err: expect.stringContaining('shop:api@0.9 (1 connection)'),
  })
  expect(await w.run('upgrade', '--allow-older')).toMatchObject({ code: 0 })
  expect(await w.t.tables()).toEqual(['b'])
})

test('repair lists what is half done and finishes it', async () => {
  await using w = await world()
  await w.project.revision('cccccccc', {
    transaction: false,
    up: ['create table c ()', 'select * from later'],
  })
  expect(await w.run('upgrade')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Run the command again to go on from there'),
  })
  expect((await w.run('repair')).out).toMatch(
    /^20260101000002_cccccccc_step: up, started .* by cli:migrations@1 as \w+\n {2}done {5}1 {2}create table c \(\)\n$/,
  )
  await w.t.witness('create table later ()')
  expect((await w.run('repair', 'cccc', '--finish')).out).toContain(
    '20260101000002_cccccccc_step: finished\n',
  )
  expect(await w.run('repair')).toMatchObject({ code: 0, out: 'nothing is half done\n' })
  for (const wrong of [
    ['repair', 'cccc'],
    ['repair', '--undo'],
    ['repair', 'cccc', '--undo', '--accept'],
    ['repair', 'cccc', '--accept'],
  ]) {
    expect(await w.run(...wrong)).toMatchObject({ code: 2, out: '' })
  }
})

test('an edited file is named with the way out, and accepted', async () => {
  await using w = await world()
  const run = w.project.run
  await run('upgrade')
  const file = join(w.project.folder, 'revisions', '20260101000001_bbbbbbbb_step.ts')
  await writeFile(file, `${await readFile(file, 'utf8')}// more\n`)
  expect(await run('upgrade')).toMatchObject({
    code: 1,
    err: expect.stringContaining('aquifer repair <id> --accept'),
  })
  expect((await run('repair', 'bbbb', '--accept')).out).toBe(
    '20260101000001_bbbbbbbb_step: accepted\n',
  )
  expect(await run('upgrade')).toMatchObject({ code: 0 })
})

test('ping shows who is there', async () => {
  await using w = await world()
  expect((await w.run('ping')).out).toMatch(
    /^server +PostgreSQL \d+.*\naddress +127\.0\.0\.1:\d+\/\w+\nlatency +[\d.]+ ms .*\nTLS +off\nrole .*, may create schemas\nknown as +cli:migrations@1\npooler +none\nbudget .*\nNode .*\n$/,
  )
  expect(documents(await w.run('ping', '--json'))).toMatchObject([
    { standby: false, pooler: false },
  ])
})

test('seed runs what the configuration lists', async () => {
  await using w = await world()
  expect(await w.run('seed')).toMatchObject({
    code: 1,
    err: expect.stringContaining('run aquifer upgrade first'),
  })
  await w.run('upgrade')
  expect((await w.run('seed')).out).toMatch(/^first: a table\nfirst done in \d+ ms\n$/)
  expect(await w.run('seed', 'nosuch')).toMatchObject({
    code: 2,
    err: expect.stringContaining('known: first'),
  })
  expect(documents(await w.run('seed', 'first', '--json'))).toMatchObject([
    { event: 'seed', line: 'a table' },
    { seeds: [{ name: 'first' }] },
  ])
})

test('backfill writes its progress as JSON where no terminal is', async () => {
  await using w = await world()
  await w.t.witness('create table things (id integer primary key, touched boolean)')
  await w.t.witness('insert into things select generate_series(1, 30)')
  const ended = await w.run('backfill', 'touch', '--batch', '10', '--pause', '1')
  const lines = ended.out.trimEnd().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    event: 'progress',
    name: 'touch',
    doneRows: 10,
    totalRows: 30,
  })
  expect(ended).toMatchObject({ code: 0, err: '' })
  expect(lines.at(-1)).toMatch(/^30 rows in \d batches, \d+ ms$/)
  expect((await w.run('backfill', 'touch')).out).toBe('nothing to do: touch is finished\n')
  expect(await w.run('backfill', 'nosuch')).toMatchObject({
    code: 2,
    err: expect.stringContaining('known: touch'),
  })
})

test('init writes a configuration, and takes Kysely migrations over', async () => {
  await using w = await world()
  const folder = join(w.project.folder, 'new')
  const before = join(folder, 'migrations')
  await mkdir(before, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"name": "@shop/orders"}')
  const run = (...args: string[]) => w.project.start(args, {}, folder).ended
  expect(await run('init')).toMatchObject({
    code: 0,
    out: 'aquifer.config.ts written\nrevisions written\n',
  })
  expect(await readFile(join(folder, 'aquifer.config.ts'), 'utf8')).toContain("service: 'orders'")
  expect((await run('init')).out).toBe('nothing to do: both are there\n')

  await rm(join(folder, 'aquifer.config.ts'))
  const config = await readFile(join(w.project.folder, 'aquifer.config.ts'), 'utf8')
  await writeFile(join(folder, 'aquifer.config.ts'), config)
  await writeFile(join(before, '2024_01_01_first.ts'), 'export async function up() {}\n')
  await w.t.witness('create table kysely_migration (name text, timestamp text)')
  await w.t.witness(
    `insert into kysely_migration values ('2024_01_01_first', '2024-01-01T10:00:00.000Z')`,
  )
  const taken = await run('init', '--from-kysely', 'migrations')
  expect(taken.out).toMatch(
    /^revisions\/20240101000000_[0-9a-f]{8}_first\.ts written\n1 taken over as applied\n$/,
  )
  expect((await run('upgrade')).out).toMatch(/^nothing to do/)
  expect((await run('init', '--from-kysely')).out).toBe('0 taken over as applied\n')
})

test('squash and baseline write files', async () => {
  await using w = await world()
  await w.run('upgrade')
  expect((await w.run('squash', '-m', 'year one')).out).toMatch(
    /^revisions\/\d{14}_[0-9a-f]{8}_year_one\.ts does what 2 did\n$/,
  )
  const folder = join(w.project.folder, 'revisions')
  const files = await readdir(folder)
  expect(files).toHaveLength(1)
  expect(await w.run('baseline')).toMatchObject({
    code: 2,
    err: expect.stringContaining('a baseline comes before everything'),
  })
  await rm(join(folder, files[0] ?? ''))
  await w.run('stamp', 'base', '--purge')
  await w.project.file('dump.sql', 'create table from_dump ();')
  expect((await w.run('baseline', '--from-sql', 'dump.sql', '--no-stamp')).out).toMatch(
    /^revisions\/\d{14}_[0-9a-f]{8}_baseline\.ts\n$/,
  )
})
