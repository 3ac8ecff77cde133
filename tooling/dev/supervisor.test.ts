import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { supervise } from './supervisor.ts'

/** Runs a stand-in script of a few lines under a supervisor. */
async function setup(script: string) {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-supervisor-'))
  const file = join(folder, 'app.mjs')
  await writeFile(file, script)
  const said: string[] = []
  const pids: number[] = []
  const app = supervise({
    name: 'app',
    script: file,
    env: { ...process.env, FOLDER: folder },
    logFile: join(folder, 'logs', 'app.log'),
    say: (text) => said.push(text),
    onStart: (pid) => pids.push(pid ?? 0),
    firstWaitMs: 1,
  })
  return {
    app,
    folder,
    said,
    pids,
    log: () => readFile(join(folder, 'logs', 'app.log'), 'utf8'),
    async [Symbol.asyncDispose]() {
      await app.stop(1_000)
      await rm(folder, { recursive: true })
    },
  }
}

const runs = 'setInterval(() => undefined, 1000)'
const always = () => Promise.resolve(true)

test('a process that is killed is started again, and one line says so', async () => {
  await using t = await setup(runs)
  await t.app.ready(always)

  process.kill(t.pids[0] ?? 0, 'SIGKILL')

  await vi.waitFor(() => expect(t.pids).toHaveLength(2))
  expect(t.said).toEqual([expect.stringContaining('app ended (signal SIGKILL); starting it again')])
})

test('a process that ends before it is ready fails the start with its last words', async () => {
  await using t = await setup(`
    console.error('Error: JWT_SECRET is too short')
    console.error('    at main')
    process.exit(1)`)

  const ready = t.app.ready(() => Promise.resolve(false))

  await expect(ready).rejects.toThrow('app did not start (code 1): Error: JWT_SECRET is too short')
  expect(t.pids).toHaveLength(1)
})

test('a stop lets the process finish, and it is not started again', async () => {
  await using t = await setup(`
    import { writeFileSync } from 'node:fs'
    process.once('SIGTERM', () => { writeFileSync(process.env.FOLDER + '/finished', ''); process.exit(0) })
    process.stdout.write('up\\n')
    ${runs}`)
  await t.app.ready(async () => (await t.log().catch(() => '')).includes('up'))

  await t.app.stop(10_000)

  expect(existsSync(join(t.folder, 'finished'))).toBe(true)
  expect(t.pids).toHaveLength(1)
  expect(t.said).toEqual([])
})

test('a process that does not stop in time is killed', async () => {
  await using t = await setup(`process.on('SIGTERM', () => undefined); console.log('up'); ${runs}`)
  await t.app.ready(async () => (await t.log().catch(() => '')).includes('up'))

  await t.app.stop(50)

  expect(() => process.kill(t.pids[0] ?? 0, 0)).toThrow('ESRCH')
})

test('a process hears when its supervisor is gone', async () => {
  await using t = await setup(`
    process.once('disconnect', () => process.exit(0))
    console.log('up')
    ${runs}`)
  const owner = join(t.folder, 'owner.ts')
  await writeFile(
    owner,
    `import { supervise } from '${join(import.meta.dirname, 'supervisor.ts')}'
    supervise({ name: 'app', script: '${join(t.folder, 'app.mjs')}', env: process.env,
      logFile: '${join(t.folder, 'logs', 'owned.log')}', say() {}, onStart: (pid) => process.send(pid) })`,
  )
  const supervisor = fork(owner)
  const [pid] = (await once(supervisor, 'message')) as [number]

  supervisor.kill('SIGKILL')

  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 10_000)
})
