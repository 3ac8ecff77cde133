import type { PublicUser, UserRow } from '@app/db'
import { z } from '@hono/zod-openapi'
import { id, instant } from './fields.ts'

export const emailField = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email())
  .openapi({ description: 'Compared without regard to case.', example: 'ada@example.com' })

export const usernameField = z
  .string()
  .regex(/^[A-Za-z0-9_]{3,30}$/, 'must be 3 to 30 letters, digits or underscores')
  .openapi({ description: 'Compared without regard to case.', example: 'ada' })

/** A user as anybody sees them. */
export const userSchema = z
  .object({
    id: id(),
    username: usernameField,
    displayName: z.string().openapi({ example: 'Ada Lovelace' }),
    createdAt: instant(),
  })
  .openapi('User')

/** A user as they see themselves. */
export const ownUserSchema = userSchema
  .extend({
    email: z.string().openapi({ example: 'ada@example.com' }),
    welcomedAt: instant()
      .nullable()
      .openapi({ description: 'When the welcome mail was sent; null until then.' }),
    lastLoginAt: instant().nullable(),
  })
  .openapi('OwnUser')

/** Picks what anybody may know; the row has more. */
export function toUser({ id, username, displayName, createdAt }: PublicUser) {
  return { id, username, displayName, createdAt }
}

/** Picks what the user themselves may know. */
export function toOwnUser(user: UserRow) {
  const { email, welcomedAt, lastLoginAt } = user
  return { ...toUser(user), email, welcomedAt, lastLoginAt }
}
