import { sql } from 'kysely'
import { textCodec } from '../codec/basic.ts'
import { type Column, column } from './column.ts'
import { deletedAt } from './soft-delete.ts'
import { tenant as ownedBy } from './tenant.ts'
import { createdAt, updatedAt } from './timestamps.ts'
import { version } from './version.ts'

/** A UUID that the database makes as the primary key. @param make `gen_random_uuid` before PostgreSQL 18. @default uuidv7 */
export function uuidKey(make: 'uuidv7' | 'gen_random_uuid' = 'uuidv7'): {
  id: Column<string, string | undefined, never, 'key'>
} {
  return {
    id: uuid()
      .default(sql.raw(`${make}()`))
      .primaryKey(),
  }
}

/** `createdAt` and `updatedAt`. */
export function timestamps(): {
  createdAt: ReturnType<typeof createdAt>
  updatedAt: ReturnType<typeof updatedAt>
} {
  return { createdAt: createdAt(), updatedAt: updatedAt() }
}

/** `deletedAt`: deleted rows are kept and not seen. */
export function softDelete(): { deletedAt: ReturnType<typeof deletedAt> } {
  return { deletedAt: deletedAt() }
}

/** `version`: counts the changes of a row, for `atVersion`. */
export function versioned(): { version: ReturnType<typeof version> } {
  return { version: version() }
}

/** `tenantId`, a UUID: each tenant sees and writes its own rows. */
export function tenant(): {
  tenantId: Column<string, string | undefined, string, 'guarded' | 'scope'>
} {
  return { tenantId: ownedBy(uuid()) }
}

function uuid(): Column<string> {
  return column('uuid', textCodec)
}
