import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { expect, inject, test } from 'vitest'
import { openTestDatabase } from '../src/index.ts'
import { engineOver, ids, insert } from './world.ts'

/** A name that no other test has, and how often its template was prepared. */
function template(then: () => void = () => {}) {
  const counted = { prepared: 0 }
  const prepare = async (url: string) => {
    counted.prepared += 1
    await using engine = engineOver(url)
    await engine.pool.query('create table notes (id integer primary key, some_text text not null)')
    await insert(engine.db, 1)
    then()
  }
  return { options: { serverUrl: inject('databaseUrl'), name: randomUUID(), prepare }, counted }
}

async function databases(name: string): Promise<unknown[]> {
  await using server = engineOver(inject('databaseUrl'))
  const text = 'select datname from pg_database where datname like $1'
  return (await server.pool.query(text, [`%${name}%`])).rows
}

test('copies of one template are apart from each other, and prepared once', async () => {
  const { options, counted } = template()
  {
    await using one = await openTestDatabase(options)
    await using two = await openTestDatabase(options)
    await using left = engineOver(one.url)
    await using right = engineOver(two.url)
    await insert(left.db, 2)
    expect([await ids(left), await ids(right)]).toEqual([[1, 2], [1]])
    expect(counted.prepared).toBe(1)
  }
  expect(await databases(options.name)).toEqual([])
})

test('those who come at once wait for the one that prepares', async () => {
  const { options, counted } = template()
  const opened = await Promise.all(Array.from({ length: 8 }, () => openTestDatabase(options)))
  expect(counted.prepared).toBe(1)
  expect(new Set(opened.map(({ url }) => url)).size).toBe(8)
  await Promise.all(opened.map((database) => database[Symbol.asyncDispose]()))
  expect(await databases(options.name)).toEqual([])
})

test('a template that cannot be prepared leaves nothing behind', async () => {
  const { options } = template(() => {
    throw new Error('no')
  })
  await expect(openTestDatabase(options)).rejects.toThrow('no')
  expect(await databases(options.name)).toEqual([])
})

test('what a process that died has left is prepared again', async () => {
  const { options, counted } = template()
  const child = fork(new URL('./dying-process.ts', import.meta.url), [
    options.serverUrl,
    options.name,
  ])
  await once(child, 'exit')
  expect(await databases(options.name)).toHaveLength(1)

  await using database = await openTestDatabase(options)
  await using engine = engineOver(database.url)
  expect(counted.prepared).toBe(1)
  expect(await ids(engine)).toEqual([1])
})
