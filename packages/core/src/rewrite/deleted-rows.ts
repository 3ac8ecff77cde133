import type {
  DeleteQueryBuilder,
  DeleteResult,
  Kysely,
  UpdateQueryBuilder,
  UpdateResult,
} from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import { SOFT_DELETE } from '../model/soft-delete.ts'
import { hardDelete } from './hard-delete.ts'
import { behavioursOf } from './pass.ts'
import { unscoped } from './unscoped.ts'

/**
 * An update that brings deleted rows back; say which ones by `where`.
 *
 * @throws {UsageError} `MODEL_SOFT_DELETE` if the model keeps no deleted rows
 */
export function restore<DB, Name extends keyof DB & string>(
  db: Kysely<DB>,
  model: Model<Name>,
): UpdateQueryBuilder<DB, Name, Name, UpdateResult> {
  const key = deletedAtOf(model)
  const query = open(db)
    .updateTable(model.name as string)
    .set({ [key]: null })
    .where(key, 'is not', null)
    .$call(unscoped(SOFT_DELETE))
  return query as unknown as UpdateQueryBuilder<DB, Name, Name, UpdateResult>
}

/**
 * A delete that removes for good what was deleted before this time; may be narrowed by `where`.
 *
 * @throws {UsageError} `MODEL_SOFT_DELETE` if the model keeps no deleted rows
 */
export function purge<DB, Name extends keyof DB & string>(
  db: Kysely<DB>,
  model: Model<Name>,
  before: Date,
): DeleteQueryBuilder<DB, Name, DeleteResult> {
  const query = open(db)
    .deleteFrom(model.name as string)
    .where(deletedAtOf(model), '<', before)
    .$call(unscoped(SOFT_DELETE))
    .$call(hardDelete())
  return query as unknown as DeleteQueryBuilder<DB, Name, DeleteResult>
}

type AnyTable = Record<string, unknown>

/** Which columns a model has is known here at run time alone. */
function open<DB>(db: Kysely<DB>): Kysely<Record<string, AnyTable>> {
  return db as unknown as Kysely<Record<string, AnyTable>>
}

function deletedAtOf(model: Model): string {
  const found = behavioursOf(model).find(({ behaviour }) => behaviour.name === SOFT_DELETE)
  if (found !== undefined) return found.key
  throw new UsageError(
    'MODEL_SOFT_DELETE',
    `${model.name} keeps no deleted rows: give the model a column c.deletedAt()`,
  )
}
