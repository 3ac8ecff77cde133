import { byHand } from '../by-hand.ts'
import { byKysely } from '../by-kysely.ts'
import type { Contender } from '../contender.ts'
import type { Peers } from '../peers.ts'

const TEXT = `select id, email, display_name as "displayName", login_count as "loginCount", active,
  created_at as "createdAt" from users order by id limit $1`

const COLUMNS = ['id', 'email', 'displayName', 'loginCount', 'active', 'createdAt'] as const

/** The same rows each time, so that a difference in their number is what decoding and mapping them costs. */
export function rows(peers: Peers, limit: number): Contender[] {
  const { pool, postgres: sql } = peers
  return [
    ...byHand(pool, { name: 'rows', text: TEXT, values: () => [limit] }),
    {
      name: 'postgres.js',
      run: async () => {
        await sql`
          select id, email, display_name as "displayName", login_count as "loginCount", active,
            created_at as "createdAt" from users order by id limit ${limit}`
      },
    },
    ...byKysely(peers, (db) =>
      db.selectFrom('users').select(COLUMNS).orderBy('id').limit(limit).execute(),
    ),
  ]
}
