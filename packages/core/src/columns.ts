import { type Column, column } from './model/column.ts'

/** Text of any length. */
export const text = (): Column<string> => column('text')

/** A UUID, in its 36-character form. */
export const uuid = (): Column<string> => column('uuid')

/** true or false. */
export const boolean = (): Column<boolean> => column('boolean')

/** A 32-bit integer. */
export const integer = (): Column<number> => column('integer')

/** A 64-bit integer, read and written as bigint. */
export const bigint = (): Column<bigint> => column('bigint')

/** A decimal number, read and written as text so that no digit is lost. */
export const numeric = (precision?: number, scale?: number): Column<string> =>
  column(precision === undefined ? 'numeric' : `numeric(${precision}, ${scale ?? 0})`)

/** An instant, read as a Date (milliseconds; PostgreSQL keeps microseconds). */
export const timestamptz = (): Column<Date> => column('timestamptz')

/** A JSON document of this shape. Objects are written as they are; an array or a bare string has to be written as its JSON text. */
export const jsonb = <T>(): Column<T> => column('jsonb')

/** Text out of a fixed list; the list itself is a CHECK constraint of the table. */
export const oneOf = <const Values extends readonly string[]>(
  ..._values: Values
): Column<Values[number]> => column('text')
