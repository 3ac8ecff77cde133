import {
  type AppEngine,
  type Database,
  findUserByEmail,
  recordFailedLogin,
  recordLogin,
  type UserRow,
} from '@app/db'
import type { Deadline } from '@aquifer/core'
import type { Kysely } from 'kysely'
import { RefusedError, refusal } from '../problem/refusal.ts'
import { passwordMatches } from './password.ts'

export const invalidCredentials = refusal(
  401,
  'INVALID_CREDENTIALS',
  'The e-mail is unknown or the password is wrong.',
)

export const loginLocked = refusal(
  429,
  'LOGIN_LOCKED',
  'Too many logins failed in a row. Try again after the time that Retry-After names.',
  { retryAfterSeconds: 15 * 60 },
)

/**
 * The user these credentials belong to. The login is counted in the request's own unit of work,
 * a failure in one that outlives the refusal.
 *
 * @throws {RefusedError} `INVALID_CREDENTIALS` or `LOGIN_LOCKED`
 */
export async function logIn(
  engine: AppEngine,
  { email, password }: { readonly email: string; readonly password: string },
  { db, deadline }: { readonly db: Kysely<Database>; readonly deadline: Deadline },
): Promise<UserRow> {
  // Read in a unit of its own that gives its connection back at once: checking a password takes long.
  const user = await engine.session((lookup) => findUserByEmail(lookup.db, email), {
    mode: 'autocommit',
    propagation: 'new',
    deadline,
  })
  if (user?.lockedUntil && user.lockedUntil > new Date()) throw lockedUntil(user.lockedUntil)

  const matches = await passwordMatches(password, user?.passwordHash)
  if (user === undefined) throw new RefusedError(invalidCredentials)
  if (!matches) {
    // Without the request's signal: who hangs up early has failed all the same.
    await engine.session((count) => recordFailedLogin(count.db, user.id), { propagation: 'new' })
    throw new RefusedError(invalidCredentials)
  }

  await recordLogin(db, user.id)
  return user
}

function lockedUntil(instant: Date): RefusedError {
  return new RefusedError(loginLocked, {
    retryAfterSeconds: (instant.getTime() - Date.now()) / 1000,
  })
}
