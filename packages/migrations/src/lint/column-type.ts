import type { TypeName } from 'libpg-query'
import { constantOf, namesIn } from './parse-node.ts'

/** A type as PostgreSQL calls it inside, without its schema if that is `pg_catalog`. */
export interface ColumnType {
  /** `int4`, `varchar`, `bpchar`, `timestamptz`; a user's own keeps its schema. */
  readonly name: string
  /** Its arguments, as `[10, 2]` of numeric(10, 2). */
  readonly args: readonly number[]
  readonly array: boolean
}

const SERIALS: Readonly<Record<string, string>> = {
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
  smallserial: 'int2',
  serial2: 'int2',
}

/** The type that a declaration names. */
export function columnTypeOf(type: TypeName | undefined): ColumnType | undefined {
  const names = namesIn(type?.names)
  if (names.length === 0) return undefined
  const [first, ...rest] = names
  const name = first === 'pg_catalog' && rest.length > 0 ? rest.join('.') : names.join('.')
  // The type "char" of one byte is another than char(1), which the parser calls bpchar.
  const args = (type?.typmods ?? []).map((each) => Number(constantOf(each) ?? Number.NaN))
  return { name, args, array: (type?.arrayBounds ?? []).length > 0 }
}

/** The integer type behind `serial` and its kin; undefined if the type is none of them. */
export function serialType(type: ColumnType | undefined): string | undefined {
  return type === undefined || type.array ? undefined : SERIALS[type.name]
}

/** As a person would write it: `numeric(10,2)`, `integer`. */
export function shownType({ name, args, array }: ColumnType): string {
  const spoken: Readonly<Record<string, string>> = {
    int2: 'smallint',
    int4: 'integer',
    int8: 'bigint',
    bpchar: 'char',
    bool: 'boolean',
  }
  const shown = spoken[name] ?? name
  return `${shown}${args.length > 0 ? `(${args.join(',')})` : ''}${array ? '[]' : ''}`
}
