import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatFileName, parseFileName, slugOf } from './file-name.ts'

test('a name that was written is read back', () => {
  const names = fc.record({
    createdAt: fc
      .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => new Date(Math.floor(date.getTime() / 1_000) * 1_000)),
    id: fc.stringMatching(/^[0-9a-f]{8}$/),
    slug: fc.stringMatching(/^[0-9a-z]([0-9a-z_]{0,20}[0-9a-z])?$/),
  })
  fc.assert(
    fc.property(names, fc.constantFrom('', '.ts', '.js', '.mjs'), (parts, ending) => {
      const name = formatFileName(parts)
      expect(parseFileName(name + ending)).toEqual({ name, ...parts })
    }),
  )
})

test('the time is UTC', () => {
  expect(parseFileName('20261123190000_3f6c1a92_identity.ts')?.createdAt.toISOString()).toBe(
    '2026-11-23T19:00:00.000Z',
  )
})

test.each([
  '20261123_3f6c1a92_identity.ts',
  '20261323190000_3f6c1a92_identity.ts',
  '20261123190000_3f6c_identity.ts',
  '20261123190000_3f6c1a92.ts',
  '20261123190000_3f6c1a92_Identity.ts',
  '20261123190000_3f6c1a92_identity.sql',
])('%s is no name of a revision', (name) => {
  expect(parseFileName(name)).toBeUndefined()
})

test.each([
  ["Add users' e-mail", 'add_users_e_mail'],
  ['  Größe & Gewicht: neu!  ', 'gro_e_gewicht_neu'],
  ['déjà vu', 'deja_vu'],
  ['../../etc/passwd', 'etc_passwd'],
  ['ありがとう', ''],
  ['x'.repeat(200), 'x'.repeat(60)],
])('the message %j becomes %j', (message, slug) => {
  expect(slugOf(message)).toBe(slug)
})
