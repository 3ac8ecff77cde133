import { expect, test } from 'vitest'
import { readSettings } from './env.ts'

test('what is not set has a default, and an empty variable is not set', () => {
  expect(readSettings({ REDIS_URL: '', SMTP_URL: '' })).toEqual({
    databaseUrl: undefined,
    redisUrl: undefined,
    smtpUrl: undefined,
    mailFrom: 'Aquifer <no-reply@localhost>',
    port: undefined,
    logLevel: 'info',
    dataDir: '.aquifer',
  })
})

test.for([
  ['REDIS_URL', 'http://secret@host'],
  ['SMTP_URL', 'secret'],
  ['WORKER_PORT', 'secret'],
  ['LOG_LEVEL', 'secret'],
] as const)('a %s that does not fit is named, without its value', ([name, value]) => {
  const reading = () => readSettings({ [name]: value })

  expect(reading).toThrow(expect.objectContaining({ name: 'StartError' }))
  expect(reading).toThrow(name)
  expect(reading).not.toThrow(/secret/)
})
