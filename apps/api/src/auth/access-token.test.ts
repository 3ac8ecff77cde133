import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { createAccessTokens } from './access-token.ts'

const secret = 'a secret that is longer than 32 characters'
const key = new TextEncoder().encode(secret)
const tokens = createAccessTokens(secret)
const userId = '0199f2d5-7f0c-7cf2-9d6e-5f3c1c0a4e11'

function claims() {
  return new SignJWT().setIssuer('aquifer').setAudience('aquifer-api').setSubject(userId)
}

test('a token leads back to its user', async () => {
  const { token, expiresAt } = await tokens.issue(userId)

  expect(await tokens.userIdOf(token)).toBe(userId)
  expect(expiresAt.getTime()).toBeGreaterThan(Date.now())
})

test.each([
  [
    'of another secret',
    () =>
      createAccessTokens(`${secret}!`)
        .issue(userId)
        .then(({ token }) => token),
  ],
  [
    'that has expired',
    () => claims().setProtectedHeader({ alg: 'HS256' }).setExpirationTime('-1m').sign(key),
  ],
  ['without an expiry', () => claims().setProtectedHeader({ alg: 'HS256' }).sign(key)],
  [
    'of another algorithm',
    () => claims().setProtectedHeader({ alg: 'HS512' }).setExpirationTime('1h').sign(key),
  ],
  [
    'for another audience',
    () =>
      claims()
        .setAudience('elsewhere')
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(key),
  ],
  [
    'without a signature',
    async () => new UnsecuredJWT({ sub: userId }).setExpirationTime('1h').encode(),
  ],
  ['that is no token', async () => 'abc'],
])('a token %s leads to nobody', async (_, make) => {
  expect(await tokens.userIdOf(await make())).toBeUndefined()
})
