import { randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'

/** Issues and checks the bearer tokens of this API. */
export interface AccessTokens {
  issue(userId: string): Promise<AccessToken>
  /** The id of the user a token was issued to; undefined if it is forged, expired or no token at all. */
  userIdOf(token: string): Promise<string | undefined>
}

export interface AccessToken {
  readonly token: string
  readonly expiresAt: Date
}

const ALGORITHM = 'HS256'
const ISSUER = 'aquifer'
const AUDIENCE = 'aquifer-api'
const LIFETIME_SECONDS = 60 * 60

/** JWTs signed with `secret` (HS256), good for an hour. */
export function createAccessTokens(secret: string): AccessTokens {
  const key = new TextEncoder().encode(secret)
  return {
    async issue(userId) {
      const expiresAt = new Date(Date.now() + LIFETIME_SECONDS * 1000)
      const token = await new SignJWT()
        .setProtectedHeader({ alg: ALGORITHM })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(expiresAt)
        .sign(key)
      return { token, expiresAt }
    },

    async userIdOf(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'exp'],
        })
        return payload.sub
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}
