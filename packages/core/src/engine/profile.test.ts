import { expect, test } from 'vitest'
import { type Profile, poolSettingsOf, presets } from './profile.ts'

const profile = (changes: Partial<Profile>): Profile => ({
  ...presets.api,
  url: 'postgres://localhost/x',
  service: 'shop',
  version: '1.0.0',
  ...changes,
})

test('each preset fits together', () => {
  for (const preset of Object.values(presets))
    expect(() => poolSettingsOf(profile(preset))).not.toThrow()
})

test.each([
  [{ size: 0, overflow: 0 }, 'size + overflow'],
  [{ size: -1 }, 'size'],
  [{ overflow: 1.5 }, 'overflow'],
  [{ lockTimeoutMs: 5_000 }, 'lockTimeoutMs'],
  [{ statementTimeoutMs: 8_000 }, 'statementTimeoutMs'],
  [{ url: 'mysql://localhost' }, 'url'],
])('%o is refused, and the message names what is wrong', (changes, named) => {
  expect(() => poolSettingsOf(profile(changes))).toThrow(
    expect.objectContaining({ code: 'PROFILE_INVALID', message: expect.stringContaining(named) }),
  )
})

test('an application_name is cut where PostgreSQL would cut it', () => {
  const { applicationName } = poolSettingsOf(profile({ service: 's'.repeat(80) }))
  expect(Buffer.byteLength(applicationName ?? '')).toBe(63)
})
