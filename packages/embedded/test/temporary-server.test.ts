import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryServer } from '../src/index.ts'
import { sql } from './sql.ts'

test('a temporary server leaves nothing behind when it is stopped', async () => {
  const server = await temporaryServer()
  expect(await sql(server.url, 'show fsync')).toEqual([{ fsync: 'off' }])

  await server.stop()

  expect(existsSync(dirname(server.dataDir))).toBe(false)
})

test('a temporary server leaves nothing behind when it is killed', async () => {
  const server = await temporaryServer({ settings: { work_mem: '9MB' } })
  expect(await sql(server.url, 'show work_mem')).toEqual([{ work_mem: '9MB' }])

  await server.kill()

  expect(existsSync(dirname(server.dataDir))).toBe(false)
})

test('databases are made and dropped by name', async () => {
  await using server = await temporaryServer()
  const url = await server.createDatabase('Odd "name"')
  expect(await sql(url, 'select current_database() as name')).toEqual([{ name: 'Odd "name"' }])

  await server.dropDatabase('Odd "name"')
  await server.dropDatabase('Odd "name"')

  await expect(sql(url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
})
