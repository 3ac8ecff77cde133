import { sql } from 'kysely'
import type { AppEngine } from './engine.ts'

/** The argon2id hash of the demo users' password, `demo-password`. */
const DEMO_PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$U69QvnYY+iM9vkL1X89NjA$U/2KIPuHgMfit0aWz2bf4jD70C9mjs8Biws7mqd/d+A'

const SEED_LOCK = 'aquifer/seed'
const roleNames = ['admin', 'author', 'reader']
const demoUsers = ['alice', 'bob', 'carol']

/**
 * Fills an empty database with demo data: three roles, and the users alice, bob and carol (`alice@example.com`, password
 * `demo-password`) with a few posts, comments and accounts. Does nothing if there is any user.
 *
 * @returns whether it filled the database
 */
export function seed(engine: AppEngine): Promise<boolean> {
  return engine.transaction(async ({ db }) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${SEED_LOCK}, 0))`.execute(db)
    const anyone = await db.selectFrom('users').select('id').limit(1).executeTakeFirst()
    if (anyone !== undefined) return false

    const roles = await db
      .insertInto('roles')
      .values(roleNames.map((name) => ({ name })))
      .onConflict((c) => c.column('name').doUpdateSet({ updatedAt: sql<Date>`now()` }))
      .returning(['id', 'name'])
      .execute()
    const users = await db
      .insertInto('users')
      .values(demoUsers.map(demoUser))
      .returning(['id', 'username'])
      .execute()
    const author = roles.find((role) => role.name === 'author')
    if (author) {
      await db
        .insertInto('userRoles')
        .values(users.map((user) => ({ userId: user.id, roleId: author.id })))
        .execute()
    }

    const posts = await db
      .insertInto('posts')
      .values(users.map((user) => demoPost(user.id, user.username)))
      .returning('id')
      .execute()
    await db
      .insertInto('comments')
      .values(
        posts.flatMap((post) =>
          users.map((user) => ({
            postId: post.id,
            authorId: user.id,
            body: `${user.username} was here.`,
          })),
        ),
      )
      .execute()
    await db
      .insertInto('accounts')
      .values(users.map((user) => ({ ownerId: user.id, currency: 'EUR', balance: 100_00n })))
      .execute()
    await db
      .insertInto('userFollows')
      .values(
        users
          .slice(1)
          .map((user) => ({ followerId: user.id, followeeId: users[0]?.id ?? user.id })),
      )
      .execute()
    return true
  })
}

function demoUser(username: string) {
  return {
    email: `${username}@example.com`,
    username,
    displayName: username[0]?.toUpperCase() + username.slice(1),
    passwordHash: DEMO_PASSWORD_HASH,
    welcomedAt: sql<Date>`now()`,
  }
}

function demoPost(authorId: string, username: string) {
  return {
    authorId,
    title: `What ${username} keeps below ground`,
    body: 'An aquifer holds its water when the river above it does not.',
    publishedAt: sql<Date>`now()`,
  }
}
