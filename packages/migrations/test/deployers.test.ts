import { expect, test, vi } from 'vitest'
import { createProject, type Project } from './project.ts'
import { setup, type World } from './setup.ts'

// Many processes start at once here, and a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 })

/** The witness holds this lock while a revision has to stop at its gate. */
const GATE = 4711
const PAST_THE_GATE = `select pg_advisory_xact_lock_shared(${GATE})`

async function closeGate(t: World): Promise<void> {
  await t.witness('select pg_advisory_lock($1)', [GATE])
}

async function openGate(t: World): Promise<void> {
  await t.witness('select pg_advisory_unlock($1)', [GATE])
}

/** Resolves when a deployer of this service stands at the gate. */
async function atGate(t: World, service: string): Promise<void> {
  await vi.waitFor(async () => {
    const rows = await t.witness(
      `select from pg_stat_activity where application_name = $1 and wait_event = 'advisory'`,
      [`${service}:migrations@1`],
    )
    expect(rows).toHaveLength(1)
  }, 60_000)
}

/** Three steps that count how often they ran; the second stops at the gate, halfway. */
async function threeSteps(project: Project, options: { transaction?: boolean } = {}) {
  await project.revision('aaaaaaaa', {
    up: ['create table runs (step text)', `insert into runs values ('first')`],
  })
  await project.revision('bbbbbbbb', {
    up: [`insert into runs values ('second')`, PAST_THE_GATE, 'create table second_done ()'],
    ...options,
  })
  await project.revision('cccccccc', { up: [`insert into runs values ('third')`] })
}

test('eight deployers race: each step runs once, and the losers find nothing to do', async () => {
  await using t = await setup()
  await using project = await createProject(t.url)
  await threeSteps(project)
  await closeGate(t)

  const all = Array.from({ length: 8 }, (_, n) =>
    project.start(['upgrade'], { SERVICE: `deployer${n}` }),
  )
  await vi.waitFor(async () => {
    const rows = await t.witness(
      `select distinct application_name from pg_stat_activity where application_name like 'deployer%'`,
    )
    expect(rows).toHaveLength(8)
  }, 60_000)
  await openGate(t)
  const ends = await Promise.all(all.map(({ ended }) => ended))

  expect(
    ends.map(({ code, err }) => ({ code, err: err.replace(/^waiting for.*\n/gm, '') })),
  ).toEqual(Array.from({ length: 8 }, () => ({ code: 0, err: '' })))
  expect(ends.filter(({ out }) => out.startsWith('nothing to do'))).toHaveLength(7)
  expect(await t.witness('select step from runs')).toEqual([
    { step: 'first' },
    { step: 'second' },
    { step: 'third' },
  ])
})

test('after kill -9 in the middle of a revision nothing of it is left, and the next deployer goes on', async () => {
  await using t = await setup()
  await using project = await createProject(t.url)
  await threeSteps(project)
  await closeGate(t)
  const victim = project.start(['upgrade'], { SERVICE: 'victim' })
  await atGate(t, 'victim')

  victim.kill('SIGKILL')
  // The gate stays closed: that the server ends the victim's statement is what lets the next one in.
  const next = project.start(['upgrade'], { SERVICE: 'next' })
  await atGate(t, 'next')
  expect(
    await t.witness(`select from pg_stat_activity where application_name = 'victim:migrations@1'`),
  ).toEqual([])
  expect(await t.witness('select step from runs')).toEqual([{ step: 'first' }])
  await openGate(t)

  expect(await victim.ended).toMatchObject({ code: null })
  expect(await next.ended).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 revisions applied'),
  })
  expect(await t.witness('select step from runs')).toEqual([
    { step: 'first' },
    { step: 'second' },
    { step: 'third' },
  ])
  expect(
    await t.witness(`select from pg_locks join pg_database on pg_database.oid = database
      where datname = current_database() and locktype = 'advisory' and classid = 1634825569`),
  ).toEqual([])
})

test('after kill -9 outside a transaction the next deployer goes on where it stopped', async () => {
  await using t = await setup()
  await using project = await createProject(t.url)
  await threeSteps(project, { transaction: false })
  await closeGate(t)
  const victim = project.start(['upgrade'], { SERVICE: 'victim' })
  await atGate(t, 'victim')
  victim.kill('SIGKILL')
  await victim.ended
  expect(await t.witness('select step from runs')).toEqual([{ step: 'first' }, { step: 'second' }])
  await openGate(t)

  expect(await project.run('upgrade')).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 revisions applied'),
  })
  expect(await t.witness('select step from runs')).toEqual([
    { step: 'first' },
    { step: 'second' },
    { step: 'third' },
  ])
})

test('Ctrl-C stops the running revision: it is rolled back and the command says so', async () => {
  await using t = await setup()
  await using project = await createProject(t.url)
  await threeSteps(project)
  await closeGate(t)
  const stopped = project.start(['upgrade'], { SERVICE: 'stopped' })
  await atGate(t, 'stopped')

  stopped.kill('SIGINT')

  expect(await stopped.ended).toMatchObject({
    code: 1,
    out: expect.stringMatching(/bbbbbbbb_step +failed\n$/),
    err: expect.stringContaining('It was rolled back; run the command again'),
  })
  expect(await t.witness('select step from runs')).toEqual([{ step: 'first' }])
  await openGate(t)
})
