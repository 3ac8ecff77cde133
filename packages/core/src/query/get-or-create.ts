import type { Kysely } from 'kysely'
import type { Model } from '../model/model.ts'
import { readable } from '../model/readable.ts'
import { loose, selectOf } from './loose.ts'
import { selected } from './select-options.ts'
import { narrowed } from './where.ts'

/** A row, and whether it was made by this call. */
export interface GotOrCreated<Row> {
  readonly row: Row
  readonly created: boolean
}

/** How often a row that is in the way may be gone when it is looked for. */
const ATTEMPTS = 3

/**
 * The row that has these values, or else a new one with them and with `rest`. Of several callers at once one makes the row, and the others wait
 * for its commit and get it.
 */
export async function getOrCreate(
  db: Kysely<never>,
  model: Model,
  { by, rest }: { readonly by: object; readonly rest: object },
): Promise<GotOrCreated<object>> {
  const find = () =>
    narrowed(selected(selectOf(db, model), model, {}), model, by).executeTakeFirst()
  const insert = () =>
    loose(db)
      .insertInto(model.name)
      .values({ ...rest, ...by })
      .returning(readable(model) as string[])
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = await find()
    if (found !== undefined) return { row: found, created: false }
    const made = await insert()
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (made !== undefined) return { row: made, created: true }
  }
  // What is in the way has other values in these columns, or is not to be seen: the constraint says which.
  return { row: await insert().executeTakeFirstOrThrow(), created: true }
}
