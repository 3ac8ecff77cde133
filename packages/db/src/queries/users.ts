import { queriesOf } from '@aquifer/core/query'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../models/registry.ts'
import { type UserRow, users } from '../models/user.ts'
import type { Page, PageRequest } from './page.ts'

/** What a new user is made of; the password is hashed already. */
export interface NewUserInput {
  readonly email: string
  readonly username: string
  readonly displayName: string
  readonly passwordHash: string
}

/** A user as others may see them. */
export type PublicUser = Pick<UserRow, 'id' | 'username' | 'displayName' | 'createdAt'>

/** The columns of a user that others may see. */
export const publicColumns = ['id', 'username', 'displayName', 'createdAt'] as const

/** After this many failures in a row a login is locked for `LOCK_MINUTES`. */
export const MAX_FAILED_LOGINS = 10

const LOCK_MINUTES = 15
const { page } = queriesOf(users)

/**
 * Adds a user.
 *
 * @throws {ConstraintError} `UNIQUE_VIOLATION` on `users_email_living_key` or `users_username_living_key` if a living
 *   user has the e-mail or the username, in whatever case
 */
export function createUser(db: Kysely<Database>, input: NewUserInput): Promise<UserRow> {
  return db.insertInto('users').values(input).returningAll().executeTakeFirstOrThrow()
}

/** The living user with this id, or undefined. */
export function findUserById(db: Kysely<Database>, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The living user with this e-mail, in whatever case, or undefined. */
export function findUserByEmail(db: Kysely<Database>, email: string): Promise<UserRow | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where(sql<string>`lower(email)`, '=', email.toLowerCase())
    .executeTakeFirst()
}

/** One page of the living users, newest first, ties by id. Page and total are of one snapshot. */
export async function listUsers(
  db: Kysely<Database>,
  { limit, offset }: PageRequest,
): Promise<Page<PublicUser>> {
  const orderBy = { createdAt: 'desc', id: 'desc' } as const
  const { rows, total } = await page(db, { select: publicColumns, orderBy, limit, offset })
  return { items: rows, total }
}

/** Notes that a living user's welcome mail was sent, unless that was noted before. Returns whether it changed anything. */
export async function markWelcomed(db: Kysely<Database>, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ welcomedAt: at })
    .where('id', '=', id)
    .where('welcomedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Counts a login and forgets the failures before it. */
export async function recordLogin(db: Kysely<Database>, id: string): Promise<void> {
  await db
    .updateTable('users')
    .set((e) => ({
      loginCount: e('loginCount', '+', 1),
      failedLoginCount: 0,
      lockedUntil: null,
      lastLoginAt: sql<Date>`now()`,
    }))
    .where('id', '=', id)
    .execute()
}

/** Counts a failed login; from the tenth in a row on the login is locked for a quarter of an hour. */
export async function recordFailedLogin(db: Kysely<Database>, id: string): Promise<void> {
  await db
    .updateTable('users')
    .set((e) => ({
      failedLoginCount: e('failedLoginCount', '+', 1),
      lockedUntil: sql<Date | null>`case when failed_login_count + 1 >= ${MAX_FAILED_LOGINS}
        then now() + make_interval(mins => ${LOCK_MINUTES}) else locked_until end`,
    }))
    .where('id', '=', id)
    .execute()
}
