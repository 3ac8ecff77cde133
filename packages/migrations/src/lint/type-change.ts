import type { ColumnType } from './column-type.ts'

/** Whether PostgreSQL changes the type without touching a row: every stored value is one of the new type as it is. */
export function isWidening(before: ColumnType, after: ColumnType): boolean {
  if (before.array !== after.array) return false
  const [from = Number.POSITIVE_INFINITY, fromScale = 0] = before.args
  const [to = Number.POSITIVE_INFINITY, toScale = 0] = after.args
  switch (`${before.name} ${after.name}`) {
    case 'text text':
    case 'varchar text':
      return true
    case 'text varchar':
      return after.args.length === 0
    case 'varchar varchar':
    case 'varbit varbit':
      return to >= from
    case 'numeric numeric':
      return (
        after.args.length === 0 || (before.args.length > 0 && to >= from && toScale === fromScale)
      )
    case 'timestamp timestamp':
    case 'timestamptz timestamptz':
    case 'time time':
    case 'timetz timetz':
      return Math.min(to, 6) >= Math.min(from, 6)
    case 'cidr inet':
      return true
    default:
      return before.name === after.name && String(before.args) === String(after.args)
  }
}

const INSIDE: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  character: 'bpchar',
  integer: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  boolean: 'bool',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  'bit varying': 'varbit',
  'double precision': 'float8',
  real: 'float4',
}

/** A type as PostgreSQL's `format_type` spells it, as `character varying(30)[]`. */
export function parseType(text: string): ColumnType {
  const array = text.endsWith('[]')
  const args = /\(([\d, ]+)\)/.exec(text)?.[1]?.split(',').map(Number) ?? []
  const name = text
    .replace(/\([\d, ]+\)/, '')
    .replaceAll('[]', '')
    .trim()
  return { name: INSIDE[name] ?? name, args, array }
}
