import type { Kysely } from 'kysely'
import { expectTypeOf } from 'vitest'
import * as c from '../../src/columns.ts'
import { type DatabaseOf, defineModel } from '../../src/models.ts'
import { queriesOf } from '../../src/query/index.ts'

const users = defineModel('users', {
  id: c.uuid().primaryKey(),
  email: c.text(),
  seenAt: c.timestamptz().nullable(),
  hash: c.text().default('').hidden(),
})
const seats = defineModel('seats', {
  row: c.integer().primaryKey(),
  place: c.integer().primaryKey(),
})
const notes = defineModel('notes', { body: c.text() })
const models = { users, seats, notes }
interface Database extends DatabaseOf<typeof models> {}
declare const db: Kysely<Database>
declare const other: Kysely<{ posts: { id: string } }>

const { find, list, getOrThrow, getOrCreate, page } = queriesOf(users)

expectTypeOf(await find(db, '')).toEqualTypeOf<
  { id: string; email: string; seenAt: Date | null } | undefined
>()
expectTypeOf(await getOrThrow(db, '', { select: ['hash'] })).toEqualTypeOf<{ hash: string }>()
expectTypeOf(
  await list(db, { select: ['id', 'seenAt'], where: (e) => e('seenAt', 'is', null) }),
).toEqualTypeOf<{ id: string; seenAt: Date | null }[]>()
expectTypeOf((await page(db, { limit: 1 })).rows[0]?.email).toEqualTypeOf<string | undefined>()
expectTypeOf((await getOrCreate(db, { email: '' }, { id: '' })).created).toEqualTypeOf<boolean>()
await queriesOf(seats).find(db, { row: 1, place: 2 })

// @ts-expect-error a database without the table
find(other, '')
// @ts-expect-error a key of another type
find(db, 7)
// @ts-expect-error half a key
queriesOf(seats).find(db, { row: 1 })
// @ts-expect-error one value for a key of two columns
queriesOf(seats).find(db, 1)
// @ts-expect-error no primary key
queriesOf(notes).find(db, 'x')
// @ts-expect-error no such column
list(db, { where: { mail: '' } })
// @ts-expect-error a value of another type
list(db, { where: { email: 7 } })
// @ts-expect-error no such column
list(db, { orderBy: { mail: 'asc' } })
// @ts-expect-error no such column
list(db, { select: ['mail'] })
// @ts-expect-error no such column in the condition
list(db, { where: (e) => e('mail', '=', '') })
// @ts-expect-error id is missing
getOrCreate(db, { email: '' }, {})
