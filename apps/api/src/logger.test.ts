import { ConstraintError } from '@aquifer/core'
import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'

function setup() {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line: string) => lines.push(line) })
  return { logger, lines }
}

test('a field with the name of a secret is blotted out, nested or not', () => {
  const { logger, lines } = setup()

  logger.info({
    password: 's3cret',
    headers: { authorization: 's3cret' },
    a: { user: { token: 's3cret' } },
  })
  logger.info({ a: { passwordHash: 's3cret' } })

  expect(lines.join()).not.toContain('s3cret')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ password: '[redacted]', level: 'info' })
})

test("an error of the data layer is logged with its code, without the server's own reply", () => {
  const { logger, lines } = setup()
  const reply = Object.assign(new Error('duplicate key'), {
    detail: 'Key (email)=(ada@example.com) exists',
  })
  const at = { constraint: 'users_email_living_key', table: 'users' }

  logger.error({
    err: new ConstraintError('UNIQUE_VIOLATION', at, { sqlState: '23505', cause: reply }),
  })

  expect(JSON.parse(lines[0] ?? '').err).toMatchObject({
    code: 'UNIQUE_VIOLATION',
    kind: 'constraint',
  })
  expect(lines[0]).not.toMatch(/ada@example.com|duplicate key/)
})

test('the chain of causes of our own errors is logged', () => {
  const { logger, lines } = setup()

  logger.error({ err: new Error('outer', { cause: new TypeError('inner') }) })

  expect(JSON.parse(lines[0] ?? '').err).toMatchObject({
    message: 'outer',
    stack: expect.stringContaining('logger.test'),
    cause: { type: 'TypeError', message: 'inner' },
  })
})
