import type { Kysely } from 'kysely'
import type { Database } from '../models/registry.ts'

/** Who follows, and whom. */
export interface Follow {
  readonly followerId: string
  readonly followeeId: string
}

/**
 * Lets one user follow another.
 *
 * @returns whether that is new: false if they did so before, and if there is no living user to follow
 * @throws {ConstraintError} `CHECK_VIOLATION` on `user_follows_not_self_check`
 */
export async function follow(
  db: Kysely<Database>,
  { followerId, followeeId }: Follow,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('userFollows')
    .columns(['followerId', 'followeeId'])
    .expression((e) =>
      e
        .selectFrom('users')
        .select((s) => [s.val(followerId).as('followerId'), 'users.id'])
        .where('users.id', '=', followeeId),
    )
    .onConflict((c) => c.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows > 0n
}

/** Ends that one user follows another. Returns whether they did. */
export async function unfollow(
  db: Kysely<Database>,
  { followerId, followeeId }: Follow,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('userFollows')
    .where('followerId', '=', followerId)
    .where('followeeId', '=', followeeId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
