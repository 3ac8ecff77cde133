import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { createTestDatabase } from './test-database.ts'

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('a test database is empty and has a url of its own', async () => {
  await using first = await createTestDatabase(inject('databaseUrl'))
  await using second = await createTestDatabase(inject('databaseUrl'))
  await query(first.url, 'create table only_here (id int)')

  expect(await query(second.url, `select to_regclass('only_here') as found`)).toEqual([
    { found: null },
  ])
})

test('a database made from a template starts with its rows', async () => {
  await using template = await createTestDatabase(inject('databaseUrl'))
  await query(template.url, 'create table t as select 7 as n')

  await using copy = await createTestDatabase(inject('databaseUrl'), { template: template.name })

  expect(await query(copy.url, 'select n from t')).toEqual([{ n: 7 }])
})

test('disposing drops the database under an open connection', async () => {
  const database = await createTestDatabase(inject('databaseUrl'))
  const client = new pg.Client(database.url)
  await client.connect()
  const ended = new Promise((resolve) => client.on('error', resolve))

  await database[Symbol.asyncDispose]()

  expect(await ended).toMatchObject({ code: '57P01' })
  await expect(query(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
})

test('a template that does not exist is named in a typed error', async () => {
  const made = createTestDatabase(inject('databaseUrl'), { template: 'not_there' })

  await expect(made).rejects.toMatchObject({ name: 'EmbeddedError', code: 'DATABASE_FAILED' })
})
