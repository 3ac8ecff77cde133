import { expect, test } from 'vitest'
import { readSettings } from './env.ts'

test('an empty environment is enough for development', () => {
  expect(readSettings({})).toEqual({
    databaseUrl: undefined,
    redisUrl: undefined,
    port: 3000,
    logLevel: 'info',
    jwtSecret: undefined,
    dataDir: '.aquifer',
  })
})

test('an empty variable counts as unset', () => {
  expect(readSettings({ PORT: '', REDIS_URL: '' })).toMatchObject({
    port: 3000,
    redisUrl: undefined,
  })
})

test('production refuses to make up a JWT secret', () => {
  expect(() => readSettings({ NODE_ENV: 'production' })).toThrow(/JWT_SECRET: required/)
})

test('every variable that does not fit is named, without its value', () => {
  const read = () => readSettings({ PORT: '70000', LOG_LEVEL: 'loud', JWT_SECRET: 'hunter2' })

  expect(read).toThrow(/PORT: .*LOG_LEVEL: .*JWT_SECRET: /)
  expect(read).not.toThrow(/70000|loud|hunter2/)
})
