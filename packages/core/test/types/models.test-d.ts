import { type Kysely, sql } from 'kysely'
import { expectTypeOf } from 'vitest'
import * as c from '../../src/columns.ts'
import {
  belongsTo,
  type ChangeOf,
  type DatabaseOf,
  defineModel,
  type InputOf,
  type InsertOf,
  type PublicRowOf,
  type RowOf,
  readable,
  type StandardSchema,
  validate,
} from '../../src/models.ts'

const users = defineModel('users', {
  id: c.uuid().primaryKey().default(sql`uuidv7()`),
  email: c.text().unique(),
  kind: c.oneOf('guest', 'member').default('guest'),
  seenAt: c.timestamptz().nullable(),
  passwordHash: c.text().hidden().guarded(),
  lowerEmail: c.text().generated(sql`lower(email)`),
})
const models = { users }
interface Database extends DatabaseOf<typeof models> {}
declare const db: Kysely<Database>

expectTypeOf<RowOf<typeof users>>().toEqualTypeOf<{
  id: string
  email: string
  kind: 'guest' | 'member'
  seenAt: Date | null
  passwordHash: string
  lowerEmail: string
}>()
expectTypeOf<keyof PublicRowOf<typeof users>>().toEqualTypeOf<
  'id' | 'email' | 'kind' | 'seenAt' | 'lowerEmail'
>()
expectTypeOf<InputOf<typeof users>>().toEqualTypeOf<{
  id?: string | undefined
  email: string
  kind?: 'guest' | 'member' | undefined
  seenAt?: Date | null | undefined
}>()
expectTypeOf<keyof ChangeOf<typeof users>>().toEqualTypeOf<'email' | 'kind' | 'seenAt'>()
expectTypeOf(readable(users)).toEqualTypeOf<('id' | 'email' | 'kind' | 'seenAt' | 'lowerEmail')[]>()
expectTypeOf(validate(users, 'insert')).toEqualTypeOf<StandardSchema<InputOf<typeof users>>>()
expectTypeOf(validate(users, 'update')).toEqualTypeOf<StandardSchema<ChangeOf<typeof users>>>()

const input = {} as InputOf<typeof users>
// What a request brings is not enough for an insert: the hash is the server's to make.
// @ts-expect-error passwordHash is missing
db.insertInto('users').values(input)
db.insertInto('users').values({ ...input, passwordHash: '' })
// @ts-expect-error a computed column is not written
db.insertInto('users').values({ ...input, passwordHash: '', lowerEmail: '' })
// @ts-expect-error a key is not changed
db.updateTable('users').set({ id: '' })
// @ts-expect-error a word that is not on the list
db.updateTable('users').set({ kind: 'owner' })
db.selectFrom('users').select(readable(users))
// @ts-expect-error the hash is not for others
const shown: PublicRowOf<typeof users> = { ...({} as InsertOf<typeof users>), passwordHash: '' }

const columns = { id: c.integer().primaryKey(), teamId: c.integer(), mail: c.text() }
defineModel('teams', columns, {
  indexes: [
    { on: 'mail' },
    { on: [{ column: 'mail', order: 'desc', nulls: 'last' }, sql`lower(mail)`], include: 'teamId' },
  ],
  uniques: [{ on: ['teamId', 'mail'], nullsNotDistinct: true, deferrable: 'initially deferred' }],
  checks: [{ check: sql`mail <> ''`, on: 'mail' }],
  foreignKeys: [{ on: 'teamId', references: 'teams', onDelete: 'set null', match: 'full' }],
  exclusions: [{ on: [{ column: 'teamId', with: '=' }] }],
  relations: { team: belongsTo('teams', 'teamId') },
})
// @ts-expect-error no such column
defineModel('teams', columns, { indexes: [{ on: 'email' }] })
// @ts-expect-error no such column
defineModel('teams', columns, { indexes: [{ on: ['mail', { column: 'email' }] }] })
// @ts-expect-error no such column
defineModel('teams', columns, { indexes: [{ on: 'mail', include: ['id', 'email'] }] })
// @ts-expect-error no such column
defineModel('teams', columns, { uniques: [{ on: ['mail', 'email'] }] })
// @ts-expect-error no such column
defineModel('teams', columns, { checks: [{ check: sql`true`, on: 'email' }] })
// @ts-expect-error no such column
defineModel('teams', columns, { foreignKeys: [{ on: 'userId', references: 'users' }] })
// @ts-expect-error no such column
defineModel('teams', columns, { exclusions: [{ on: [{ column: 'email', with: '=' }] }] })
// @ts-expect-error no such column
defineModel('teams', columns, { relations: { user: belongsTo('users', 'userId') } })
// @ts-expect-error no such action
defineModel('teams', columns, { foreignKeys: [{ on: 'id', references: 'x', onDelete: 'ignore' }] })
// @ts-expect-error an index is unique by `unique`
defineModel('teams', columns, { indexes: [{ on: 'mail', distinct: true }] })
// @ts-expect-error a condition is an expression, not a text
c.text().check(() => 'length(mail) > 3')

export { shown }
