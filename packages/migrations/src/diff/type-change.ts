/** What a change of a column's type does to its rows. */
export interface TypeChange {
  /** Rows are written again. */
  readonly rewrite: boolean
  /** Some values may not fit, or lose a part of themselves. */
  readonly narrowing: boolean
  /** The expression after USING, if the server does not find the way by itself. */
  readonly using?: (column: string) => string
}

interface Parsed {
  /** Without arguments and brackets. */
  readonly name: string
  readonly args: readonly number[]
  readonly array: boolean
}

const INTEGERS = ['smallint', 'integer', 'bigint']
const NUMBERS = [...INTEGERS, 'numeric', 'real', 'double precision']
const TEXTS = ['text', 'character varying', 'character', 'name', 'citext']
const TIMES = ['date', 'timestamp without time zone', 'timestamp with time zone']
const FAMILIES = [
  NUMBERS,
  TEXTS,
  TIMES,
  ['json', 'jsonb'],
  ['bit', 'bit varying'],
  ['inet', 'cidr'],
]

/** Judges a change from one type to another one, both as the catalogue spells them. */
export function typeChange(before: string, after: string): TypeChange {
  const [from, to] = [parse(before), parse(after)]
  const using = usingOf(from, to, after)
  return {
    rewrite: !keepsRows(from, to),
    narrowing: !widens(from, to),
    ...(using && { using }),
  }
}

/** Whether both are the same type but for their arguments. */
export function sameBaseType(before: string, after: string): boolean {
  const [from, to] = [parse(before), parse(after)]
  return from.name === to.name && from.array === to.array
}

/** Whether a foreign key goes on to fit while one of its ends is of one type and one of the other. */
export function comparable(before: string, after: string): boolean {
  const [from, to] = [parse(before), parse(after)]
  const family = [INTEGERS, TEXTS].some((f) => f.includes(from.name) && f.includes(to.name))
  return from.array === to.array && (from.name === to.name || family)
}

function parse(type: string): Parsed {
  const array = type.endsWith('[]')
  const scalar = array ? type.slice(0, -2) : type
  const found = /\(([\d, -]+)\)/.exec(scalar)
  const args = found?.[1]?.split(',').map(Number) ?? []
  return { name: scalar.replace(/\([\d, -]+\)/, ''), args, array }
}

function keepsRows(from: Parsed, to: Parsed): boolean {
  if (from.array !== to.array) return false
  if (from.name === 'character varying' && to.name === 'text') return true
  if (from.name === 'text' && to.name === 'character varying') return to.args.length === 0
  if (from.name !== to.name) return false
  if (to.args.length === 0) return true
  if (from.args.length === 0) return false
  if (from.name === 'numeric') return to.args[1] === from.args[1] && grows(from, to)
  return ['character varying', 'bit varying'].includes(from.name) && grows(from, to)
}

function grows(from: Parsed, to: Parsed): boolean {
  return (to.args[0] ?? 0) >= (from.args[0] ?? 0)
}

function widens(from: Parsed, to: Parsed): boolean {
  if (from.array !== to.array) return false
  if (to.name === 'text' || (to.name === 'character varying' && to.args.length === 0)) return true
  if (from.name === to.name) {
    if (to.args.length === 0) return true
    if (from.args.length === 0) return false
    if (from.name !== 'numeric') return grows(from, to)
    const whole = ({ args: [precision = 0, scale = 0] }: Parsed) => precision - scale
    return whole(to) >= whole(from) && (to.args[1] ?? 0) >= (from.args[1] ?? 0)
  }
  const [a, b] = [INTEGERS.indexOf(from.name), INTEGERS.indexOf(to.name)]
  if (a >= 0 && b >= 0) return b > a
  if (a >= 0) return to.name === 'numeric' && to.args.length === 0
  return from.name === 'real' && to.name === 'double precision'
}

function usingOf(from: Parsed, to: Parsed, type: string): TypeChange['using'] {
  if (from.name === to.name && from.array === to.array) return undefined
  const family = FAMILIES.some((each) => each.includes(from.name) && each.includes(to.name))
  if (family && from.array === to.array) return undefined
  if (!to.array && !from.array && TEXTS.includes(to.name)) return undefined
  if (TEXTS.includes(from.name) && !from.array) return (column) => `${column}::${type}`
  if (from.name === 'boolean' && to.name === 'integer') return (column) => `${column}::${type}`
  const text = from.array && to.array ? 'text[]' : 'text'
  return (column) => `${column}::${text}::${type}`
}
