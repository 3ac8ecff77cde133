import { expect, test } from 'vitest'
import { hashPassword, passwordMatches } from './password.ts'

test('a password matches its own hash alone', async () => {
  const hash = await hashPassword('correct horse')

  expect(await passwordMatches('correct horse', hash)).toBe(true)
  expect(await passwordMatches('battery staple', hash)).toBe(false)
})

test('no password matches an account that does not exist', async () => {
  expect(await passwordMatches('anything', undefined)).toBe(false)
})
