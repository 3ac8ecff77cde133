import { createTestDatabase } from '@aquifer/embedded'
import { expect, inject, test } from 'vitest'
import { jobsSchema } from '../src/commands/index.ts'
import { createJobs } from '../src/index.ts'
import { startWorker } from '../src/worker/index.ts'
import { engineOf, noteContract, until, World, writeNote } from './world.ts'

test('the schema step runs any number of times and reports one line', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using engine = engineOf(database.url)
  const lines: string[] = []

  await jobsSchema().upgrade(engine, (line) => lines.push(line))
  await jobsSchema().upgrade(engine, (line) => lines.push(line))

  expect(lines).toHaveLength(2)
  expect(lines[1]).toBe(lines[0])
})

test('without the tables producer and worker say what to do', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using engine = engineOf(database.url)
  const contract = noteContract('default')
  await using jobs = createJobs({ engine, contracts: [contract] })

  await expect(jobs.enqueue(contract, { text: 'a' })).rejects.toMatchObject({
    code: 'JOB_SCHEMA_MISSING',
  })
  await expect(
    startWorker({ engine, queueEngine: engine, handlers: [writeNote(contract)] }),
  ).rejects.toMatchObject({ code: 'JOB_SCHEMA_MISSING' })
})

test('a producer that found no tables works once they are there', async () => {
  await using database = await createTestDatabase(inject('databaseUrl'))
  await using engine = engineOf(database.url)
  const contract = noteContract('default')
  await using jobs = createJobs({ engine, contracts: [contract] })
  await jobs.enqueue(contract, { text: 'too early' }).catch(() => {})
  await jobsSchema().upgrade(engine, () => {})

  await jobs.enqueue(contract, { text: 'in time' })

  const { rows } = await engine.pool.query('select from bullmq.job')
  expect(rows).toHaveLength(1)
})

test('services enqueue and run jobs without the right to create anything', async (context) => {
  await using world = await World.open('postgres', context)
  const role = `plain_${Date.now()}`
  const url = new URL(world.url)
  url.username = role
  url.password = role
  const database = url.pathname.slice(1)
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(async () => {
    await world.query(`drop owned by ${role}`)
    await world.query(`drop role ${role}`)
  })
  for (const statement of [
    `create role ${role} login password '${role}'`,
    `revoke temporary on database "${database}" from public`,
    `grant insert on public.note to ${role}`,
    ...['aquifer', 'bullmq'].flatMap((schema) => [
      `grant usage on schema ${schema} to ${role}`,
      `grant select, insert, update, delete on all tables in schema ${schema} to ${role}`,
      `grant usage on all sequences in schema ${schema} to ${role}`,
    ]),
  ]) {
    await world.query(statement)
  }
  await using engine = engineOf(url.href)
  await using queueEngine = engineOf(url.href, { searchPath: ['bullmq', 'public'] })
  await using jobs = createJobs({ engine, contracts: [world.note] })
  await using _worker = await startWorker({ ...world.workerOptions(), engine, queueEngine })

  await jobs.enqueue(world.note, { text: 'modest' })

  await until(async () => (await world.notes()).length === 1)
  const state = () => world.query('select state from bullmq.job')
  await until(async () => (await state())[0]?.state === 'completed')
})
