import {
  bigintCodec,
  booleanCodec,
  digitsCodec,
  integerCodec,
  jsonCodec,
  textCodec,
  timestamptzCodec,
} from './codec/basic.ts'
import { type Column, column } from './model/column.ts'

/** Text of any length. */
export const text = (): Column<string> => column('text', textCodec)

/** A UUID, in its 36-character form. */
export const uuid = (): Column<string> => column('uuid', textCodec)

/** true or false. */
export const boolean = (): Column<boolean> => column('boolean', booleanCodec)

/** A 32-bit integer. */
export const integer = (): Column<number> => column('integer', integerCodec)

/** A 64-bit integer, read and written as bigint. */
export const bigint = (): Column<bigint> => column('bigint', bigintCodec)

/** A decimal number, read and written as text so that no digit is lost. */
export const numeric = (precision?: number, scale?: number): Column<string> =>
  column(precision === undefined ? 'numeric' : `numeric(${precision}, ${scale ?? 0})`, digitsCodec)

/** An instant, read as a Date (milliseconds; PostgreSQL keeps microseconds). */
export const timestamptz = (): Column<Date> => column('timestamptz', timestamptzCodec)

/** A JSON document of this shape. */
export const jsonb = <T>(): Column<T> => column('jsonb', jsonCodec)

/** Text out of a fixed list; the list itself is a CHECK constraint of the table. */
export const oneOf = <const Values extends readonly string[]>(
  ..._values: Values
): Column<Values[number]> => column('text', textCodec)

export { deletedAt } from './model/soft-delete.ts'
export { tenant } from './model/tenant.ts'
export { createdAt, updatedAt } from './model/timestamps.ts'
export { version } from './model/version.ts'
