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
  [{ statementTimeoutMs: 0 }, 'statementTimeoutMs'],
  [{ lockTimeoutMs: 0 }, 'lockTimeoutMs'],
  [{ idleInTransactionTimeoutMs: 2 ** 31 }, 'idleInTransactionTimeoutMs'],
  [{ connectTimeoutMs: 0 }, 'connectTimeoutMs'],
  [{ acquireTimeoutMs: Number.NaN }, 'acquireTimeoutMs'],
  [{ maxLifetimeMs: -1 }, 'maxLifetimeMs'],
  [{ deadlineMs: Number.NaN }, 'deadlineMs'],
  [{ contextPrefix: 'app' }, 'contextPrefix'],
  [{ longTransactionMs: 0 }, 'longTransactionMs'],
  [{ longTransactionMs: '1s' as never }, 'longTransactionMs'],
  [{ networkInTransaction: 'deny' as 'refuse' }, 'networkInTransaction'],
  [{ minimum: 21 }, 'minimum'],
  [{ minimum: 0.5 }, 'minimum'],
  [{ maxUses: 0 }, 'maxUses'],
  [{ preparedStatements: -1 }, 'preparedStatements'],
  [{ multiplex: { connections: 0 } }, 'multiplex'],
  [{ multiplex: { connections: 61 } }, 'multiplex'],
  [{ order: 'random' as 'lifo' }, 'order'],
  [{ prePing: true as never }, 'prePing'],
  [{ reset: 'sometimes' as 'auto' }, 'reset'],
  [{ pooler: 'session' as 'transaction' }, 'pooler'],
  [{ tls: 'require' as 'off' }, 'tls'],
  [{ password: 'text' as never }, 'password'],
  [{ role: '' }, 'role'],
  [{ searchPath: 'public' as never }, 'searchPath'],
  [{ searchPath: [] }, 'searchPath'],
  [{ onConnect: 'select 1' as never }, 'onConnect'],
  [{ pooler: 'transaction', role: 'app' }, 'role'],
  [{ pooler: 'transaction', searchPath: ['app'] }, 'searchPath'],
  [{ pooler: 'transaction', onConnect: () => {} }, 'onConnect'],
  [{ pooler: 'transaction', reset: 'always' }, 'reset'],
  [{ url: 'mysql://localhost' }, 'url'],
  [{ url: 'postgres:///x' }, 'host'],
] as [Partial<Profile>, string][])(
  '%o is refused, and the message names what is wrong',
  (changes, named) => {
    expect(() => poolSettingsOf(profile(changes))).toThrow(
      expect.objectContaining({ code: 'PROFILE_INVALID', message: expect.stringContaining(named) }),
    )
  },
)

test('an application_name is cut where PostgreSQL would cut it', () => {
  const { applicationName } = poolSettingsOf(profile({ service: 's'.repeat(80) }))
  expect(Buffer.byteLength(applicationName ?? '')).toBe(63)
})
