import { ArrayCodec } from './codec/array.ts'
import { oidCodec, textCodec, vectorCodec } from './codec/basic.ts'
import { BUILT_IN, type BuiltInName, builtInNamed } from './codec/built-in.ts'
import { type CustomCodec, customCodec } from './codec/custom.ts'
import type { Circle, Point } from './codec/geometry.ts'
import { hstoreCodec } from './codec/hstore.ts'
import { preciseTimestamptzCodec } from './codec/instant.ts'
import { type Bounds, multirangeCodec, type Range, rangeCodec } from './codec/range.ts'
import { Column, type ColumnTrait, column } from './model/column.ts'

export type { Bounds, Circle, CustomCodec, Point, Range }

/** Text of any length. NUL is refused. */
export const text = (): Column<string> => builtIn('text')

/** Text of at most `length` characters; a longer one is refused by the server, spaces at its end are cut off. */
export const varchar = (length?: number): Column<string> => builtIn('varchar', length)

/** Text of exactly `length` characters, read with the spaces that fill it up. */
export const char = (length = 1): Column<string> => builtIn('char', length)

/** Text that is compared without regard to case. Needs the extension citext. */
export const citext = (): Column<string> => column('citext', textCodec)

/** A UUID, read in its 36-character form in lower case. */
export const uuid = (): Column<string> => builtIn('uuid')

/** true or false. */
export const boolean = (): Column<boolean> => builtIn('boolean')

/** A 16-bit integer. */
export const smallint = (): Column<number> => builtIn('smallint')

/** A 32-bit integer. */
export const integer = (): Column<number> => builtIn('integer')

/** A 64-bit integer, read and written as bigint. */
export const bigint = (): Column<bigint> => builtIn('bigint')

/** A decimal number, read and written as text so that no digit is lost; `scale` digits behind the point, to which the server rounds. */
export const numeric = (precision?: number, scale?: number): Column<string> =>
  precision === undefined ? builtIn('numeric') : builtIn('numeric', precision, scale ?? 0)

/** A floating-point number of 32 bits, the nearest one: about six digits are kept. Also NaN and the infinities. */
export const real = (): Column<number> => builtIn('real')

/** A floating-point number of 64 bits, as JavaScript's own. Also NaN and the infinities. */
export const double = (): Column<number> => builtIn('double precision')

/** An amount as the server's text, `$1,234.50`, in the form of its `lc_monetary`. Prefer `numeric`. */
export const money = (): Column<string> => builtIn('money')

/** A day as text, `2026-01-31`; also `0044-03-15 BC` and `infinity`. A time of day is refused. */
export const date = (): Column<string> => builtIn('date')

/** A time of day as text, `12:00:00.123456`. A zone is refused. */
export const time = (): Column<string> => builtIn('time')

/** A time of day and its offset from UTC as text, `12:00:00.123456+02`. */
export const timetz = (): Column<string> => builtIn('timetz')

/** A date and time that name no instant, as text, `2026-01-31 12:00:00.123456`. A zone is refused. */
export const timestamp = (): Column<string> => builtIn('timestamp')

/**
 * An instant, read as a Date (milliseconds; PostgreSQL keeps microseconds). `infinity` is read as the number Infinity.
 *
 * @param options `precise` reads it as ISO text in UTC with six digits instead, `2026-01-31T12:00:00.123456Z`
 */
export function timestamptz(options?: { readonly precise?: false }): Column<Date>
export function timestamptz(options: { readonly precise: true }): Column<string>
export function timestamptz(options: Precision = {}): Column<Date> | Column<string> {
  return options.precise === true
    ? column<string>('timestamptz', preciseTimestamptzCodec)
    : builtIn<Date>('timestamptz')
}

/** A span of months, days and time as ISO 8601 text, `P1Y2M-3DT4H5M6.789S`. Written is any form that PostgreSQL reads. */
export const interval = (): Column<string> => builtIn('interval')

/** Bytes, read as a Buffer. */
export const bytea = (): Column<Buffer, Uint8Array, Uint8Array> =>
  builtIn<Buffer>('bytea') as Column<Buffer, Uint8Array, Uint8Array>

/** A JSON document of this shape, kept as the text that it is written in. What JSON would change, as a Date or NaN, is refused. */
export const json = <T>(): Column<T> => builtIn('json')

/** A JSON document of this shape. What JSON would change, as a Date or NaN, is refused. */
export const jsonb = <T>(): Column<T> => builtIn('jsonb')

/** One of the values of an enum type of PostgreSQL, `create type <name> as enum (...)`. @param name as it is written in DDL */
export function enumeration<const Values extends readonly string[]>(
  name: string,
  values: Values,
): Column<Values[number]> {
  const { definition } = column<Values[number]>(name, textCodec)
  return new Column({ ...definition, declares: { kind: 'enum', name, values: [...values] } })
}

/** Text out of a fixed list, which a CHECK constraint of the table keeps. */
export const oneOf = <const Values extends readonly string[]>(
  ...values: Values
): Column<Values[number]> => column('text', textCodec, { oneOf: values })

/**
 * A domain, `create domain <name> as ...`, whose values are those of `base`.
 *
 * @param name as it is written in DDL
 */
export function domain<Select, Insert, Update, Trait extends ColumnTrait>(
  name: string,
  base: Column<Select, Insert, Update, Trait>,
): Column<Select, Insert, Update, Trait> {
  const { definition } = base
  const declares = { kind: 'domain', name, base: definition.type } as const
  return new Column({ ...definition, type: name, declares })
}

/**
 * An array. Its elements may be null if `element` is nullable; an array of arrays has two dimensions, and rows of one length.
 */
export function array<Select, Insert, Update, Trait extends ColumnTrait>(
  element: Column<Select, Insert, Update, Trait>,
): ArrayColumn<Select, Insert> {
  const { type, codec, declares } = element.definition
  const known = builtInNamed(type)
  const special = codec.special === true || known === undefined
  const own = known?.codec === codec ? known.arrayCodec : new ArrayCodec(codec, { special })
  const { definition } = column<Select[]>(`${type}[]`, own)
  return new Column({ ...definition, ...(declares && { declares }) })
}

/** What `array` makes. */
export type ArrayColumn<Select, Insert> = Column<
  Select[],
  readonly Exclude<Insert, undefined>[],
  readonly Exclude<Insert, undefined>[]
>

/** A range of 32-bit integers. The server gives it back as `[lower,upper)`. */
export const int4range = (): Column<Range<number>> => builtIn('int4range')

/** A range of 64-bit integers. The server gives it back as `[lower,upper)`. */
export const int8range = (): Column<Range<bigint>> => builtIn('int8range')

/** A range of decimal numbers, which are text. */
export const numrange = (): Column<Range<string>> => builtIn('numrange')

/** A range of days, as text. The server gives it back as `[lower,upper)`. */
export const daterange = (): Column<Range<string>> => builtIn('daterange')

/** A range of dates and times that name no instant, as text. */
export const tsrange = (): Column<Range<string>> => builtIn('tsrange')

/** A range of instants. @param options see `timestamptz` */
export function tstzrange(options?: { readonly precise?: false }): Column<Range<Date>>
export function tstzrange(options: { readonly precise: true }): Column<Range<string>>
export function tstzrange(options: Precision = {}): Column<Range<Date>> | Column<Range<string>> {
  return options.precise === true
    ? column<Range<string>>('tstzrange', rangeCodec(preciseTimestamptzCodec))
    : builtIn<Range<Date>>('tstzrange')
}

/** Ranges of 32-bit integers; the server orders and joins them, as in every multirange. */
export const int4multirange = (): Column<Bounds<number>[]> => builtIn('int4multirange')

/** Ranges of 64-bit integers. */
export const int8multirange = (): Column<Bounds<bigint>[]> => builtIn('int8multirange')

/** Ranges of decimal numbers, which are text. */
export const nummultirange = (): Column<Bounds<string>[]> => builtIn('nummultirange')

/** Ranges of days, as text. */
export const datemultirange = (): Column<Bounds<string>[]> => builtIn('datemultirange')

/** Ranges of dates and times that name no instant, as text. */
export const tsmultirange = (): Column<Bounds<string>[]> => builtIn('tsmultirange')

/** Ranges of instants. @param options see `timestamptz` */
export function tstzmultirange(options?: { readonly precise?: false }): Column<Bounds<Date>[]>
export function tstzmultirange(options: { readonly precise: true }): Column<Bounds<string>[]>
export function tstzmultirange(
  options: Precision = {},
): Column<Bounds<Date>[]> | Column<Bounds<string>[]> {
  return options.precise === true
    ? column<Bounds<string>[]>('tstzmultirange', multirangeCodec(preciseTimestamptzCodec))
    : builtIn<Bounds<Date>[]>('tstzmultirange')
}

/** The address of a host, with its net if it is not alone, as text. */
export const inet = (): Column<string> => builtIn('inet')

/** The address of a net as text, `10.0.0.0/8`. */
export const cidr = (): Column<string> => builtIn('cidr')

/** A hardware address of six bytes as text, `08:00:2b:01:02:03`. */
export const macaddr = (): Column<string> => builtIn('macaddr')

/** A hardware address of eight bytes as text. */
export const macaddr8 = (): Column<string> => builtIn('macaddr8')

/** Exactly `length` bits as text, `101`. */
export const bit = (length = 1): Column<string> => builtIn('bit', length)

/** At most `length` bits as text. */
export const varbit = (length?: number): Column<string> => builtIn('varbit', length)

/** A point of the plane, `{ x, y }`. */
export const point = (): Column<Point> => builtIn('point')

/** A line without end as text, `{A,B,C}`. */
export const line = (): Column<string> => builtIn('line')

/** A piece of a line as text, `[(x1,y1),(x2,y2)]`. */
export const lseg = (): Column<string> => builtIn('lseg')

/** A rectangle as text, `(x1,y1),(x2,y2)`; the server begins with the upper right corner. */
export const box = (): Column<string> => builtIn('box')

/** A line of pieces as text, `((x1,y1),...)` if it is closed and `[(x1,y1),...]` if not. */
export const path = (): Column<string> => builtIn('path')

/** A polygon as text, `((x1,y1),...)`. */
export const polygon = (): Column<string> => builtIn('polygon')

/** A circle, `{ x, y, radius }`. */
export const circle = (): Column<Circle> => builtIn('circle')

/** An XML document or a part of one, as text. */
export const xml = (): Column<string> => builtIn('xml')

/** Words to search in, as the server's text. */
export const tsvector = (): Column<string> => builtIn('tsvector')

/** Words to search for, as the server's text. */
export const tsquery = (): Column<string> => builtIn('tsquery')

/** A path into a JSON document, as the server's text. */
export const jsonpath = (): Column<string> => builtIn('jsonpath')

/** A place in a tree as text, `Top.Science`. Needs the extension ltree. */
export const ltree = (): Column<string> => column('ltree', textCodec)

/** Texts, or nulls, by their names. Needs the extension hstore. */
export const hstore = (): Column<Record<string, string | null>> => column('hstore', hstoreCodec)

/** A place in the write-ahead log as text, `16/B374D848`. */
export const pgLsn = (): Column<string> => builtIn('pg_lsn')

/** The number of an object of the database. */
export const oid = (): Column<number> => column('oid', oidCodec)

/** 16-bit integers in a row. */
export const int2vector = (): Column<number[]> => column('int2vector', vectorCodec)

/** Numbers of objects of the database in a row. */
export const oidvector = (): Column<number[]> => column('oidvector', vectorCodec)

/**
 * A column of any other type.
 *
 * @param type as it is written in DDL
 * @param codec how its values travel; what `encode` throws becomes a DataError
 */
export const custom = <T>(type: string, codec: CustomCodec<T>): Column<T> =>
  column(type, customCodec(codec))

interface Precision {
  readonly precise?: boolean
}

function builtIn<T>(name: BuiltInName, ...modifiers: readonly (number | undefined)[]): Column<T> {
  const given = modifiers.filter((one) => one !== undefined)
  return column(given.length === 0 ? name : `${name}(${given.join(', ')})`, BUILT_IN[name].codec)
}

export { deletedAt } from './model/soft-delete.ts'
export { tenant } from './model/tenant.ts'
export { createdAt, updatedAt } from './model/timestamps.ts'
export { version } from './model/version.ts'
