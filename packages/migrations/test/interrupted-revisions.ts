import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Revision } from '../src/index.ts'
import { chain, revision } from './setup.ts'

/** Revisions that leave another trace when a statement of theirs is left out or run twice. */
export function interruptedRevisions(mode: 'inside' | 'outside'): Revision[] {
  return chain(
    revision('aa', {
      up: async (db) => {
        await sql`create table things (id integer primary key, name text); create table counter (n integer not null)`.execute(
          db,
        )
        await sql`create index things_old on things (name, id); insert into counter values (0)`.execute(
          db,
        )
      },
    }),
    mode === 'inside' ? inside : outside,
    revision('cc'),
  )
}

const inside = revision('bb', {
  up: async (db) => {
    await sql`insert into things select n, 'thing ' || n from generate_series(1, 100) n`.execute(db)
    await sql`update counter set n = n + 1`.execute(db)
    await sql`create type mood as enum ('good')`.execute(db)
    await sql`alter table things add column mood mood not null default 'good'`.execute(db)
    await sql`create index things_name on things (name)`.execute(db)
    await sql`drop index things_old; update counter set n = n + 1`.execute(db)
  },
})

const outside = revision('bb', {
  transaction: false,
  up: async (db) => {
    await sql`insert into things select n, 'thing ' || n from generate_series(1, 100) n`.execute(db)
    await sql`set work_mem = '8MB'`.execute(db)
    const { rows } = await sql<{ n: number }>`update counter set n = n + 1 returning n`.execute(db)
    await sql`insert into things values (${1_000 + (rows[0]?.n ?? 0)}, ${randomUUID()})`.execute(db)
    await sql`create type mood as enum ('good')`.execute(db)
    await sql`alter type mood add value 'better'; alter table things add column mood mood`.execute(
      db,
    )
    await sql`update things set mood = 'better'`.execute(db)
    await sql`create index concurrently things_name on things (name)`.execute(db)
    await db.transaction().execute(async (trx) => {
      await sql`update counter set n = n + 1`.execute(trx)
      await sql`alter table counter add column note text`.execute(trx)
    })
    await sql`drop index concurrently things_old`.execute(db)
    await sql`reindex index concurrently things_name`.execute(db)
    await sql`vacuum things`.execute(db)
    await sql`update counter set n = n + 1`.execute(db)
  },
})
