import type { ColumnDefinition } from './column.ts'
import { checkOfDate, checkOfInstant, checkOfText, objectionToCharacters } from './text-form.ts'

/** What is wrong with a value, and where inside of it. */
export interface Objection {
  readonly reason: string
  readonly path: readonly PropertyKey[]
}

/** Gives a value as its column takes it, or says what is wrong with it. */
export type ValueCheck = (value: unknown) => { readonly value: unknown } | Objection

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
}

/** How many digits a numeric of any size has before its point. */
const MOST_PLACES = 131_072

/** The names that PostgreSQL also knows a type by. */
const ALIASES: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  decimal: 'numeric',
  float4: 'real',
  float8: 'double precision',
  float: 'double precision',
  bool: 'boolean',
  'character varying': 'varchar',
  character: 'char',
  bpchar: 'char',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time without time zone': 'time',
}

/** What values of a column have to be, by its type, by its list of texts, and by whether its codec takes them. */
export function valueCheckOf(definition: ColumnDefinition): ValueCheck {
  const { type, codec, oneOf } = definition
  const check = oneOf === undefined ? checkOfType(type, definition) : checkOfList(oneOf)
  return (value) => {
    const checked = check(value)
    if ('reason' in checked) return checked
    try {
      codec.encode?.(checked.value)
    } catch {
      return refuse(`must be a value of type ${type}`)
    }
    return checked
  }
}

function checkOfType(written: string, definition: ColumnDefinition): ValueCheck {
  const { declares, codec } = definition
  if (written.endsWith('[]')) return checkOfArray(checkOfType(written.slice(0, -2), definition))
  if (declares?.name === written) {
    if (declares.kind === 'enum') return checkOfList(declares.values)
    const { declares: _, ...base } = definition
    return checkOfType(declares.base, base)
  }
  const { name, modifiers } = readType(written)
  if (name in RANGES) return checkOfInteger(name)
  switch (name) {
    case 'numeric':
      return checkOfNumeric(modifiers)
    case 'real':
      return (value) => (isReal(value) ? { value } : refuse('must be a number of 32 bits'))
    case 'double precision':
      return (value) => (typeof value === 'number' ? { value } : refuse('must be a number'))
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? { value } : refuse('must be true or false'))
    case 'json':
    case 'jsonb':
      return (value) => objectionToJson(value, []) ?? { value }
    case 'bytea':
      return (value) => (value instanceof Uint8Array ? { value } : refuse('must be bytes'))
    case 'date':
      return checkOfDate
    case 'timestamptz':
      return checkOfInstant(codec.special === true ? 'text' : 'Date')
    default:
      return checkOfText(name, modifiers)
  }
}

/** `character varying(30)` is the type varchar with the modifier 30. */
function readType(written: string): { name: string; modifiers: readonly number[] } {
  const plain = written.toLowerCase().replaceAll(/\s+/g, ' ').trim()
  const modifiers =
    plain
      .match(/\(([^)]*)\)/)?.[1]
      ?.split(',')
      .map(Number) ?? []
  const name = plain.replace(/ ?\([^)]*\)/, '')
  return { name: ALIASES[name] ?? name, modifiers }
}

function checkOfList(values: readonly string[]): ValueCheck {
  return (value) =>
    values.includes(value as string) ? { value } : refuse(`must be one of: ${values.join(', ')}`)
}

function checkOfArray(check: ValueCheck): ValueCheck {
  return (value) => {
    if (!Array.isArray(value)) return refuse('must be a list')
    const kept: unknown[] = []
    for (const [at, one] of value.entries()) {
      const checked = one === null ? { value: null } : check(one)
      if ('reason' in checked) return { ...checked, path: [at, ...checked.path] }
      kept.push(checked.value)
    }
    return { value: kept }
  }
}

/** A bigint may come as its digits, since JSON has no form for it. */
function checkOfInteger(name: string): ValueCheck {
  const [least, most] = RANGES[name] as readonly [bigint, bigint]
  const reason = `must be a whole number from ${least} to ${most}`
  const big = name === 'bigint'
  return (value) => {
    const number = wholeNumber(value, big)
    if (number === undefined || number < least || number > most) return refuse(reason)
    return { value: big ? number : Number(number) }
  }
}

function wholeNumber(value: unknown, big: boolean): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  if (!big) return undefined
  if (typeof value === 'bigint') return value
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined
}

function checkOfNumeric([precision, scale = 0]: readonly number[]): ValueCheck {
  const places = precision === undefined ? MOST_PLACES : precision - scale
  return (value) => {
    const digits = typeof value === 'number' ? String(value) : value
    const parts =
      typeof digits === 'string' ? digits.match(/^[+-]?(?:0*(\d*)(?:\.\d*)?)(e[+-]?\d+)?$/i) : null
    if (parts === null || !/\d/.test(digits as string))
      return refuse('must be a decimal number, as text so that no digit is lost')
    const [, whole = '', exponent = 'e0'] = parts
    if (whole.length + Number(exponent.slice(1)) > places)
      return refuse(`must have at most ${places} digits before the point`)
    return { value: digits }
  }
}

/** Whether 32 bits are enough for a number, up to rounding. */
function isReal(value: unknown): boolean {
  if (typeof value !== 'number') return false
  const rounded = Math.fround(value)
  return Number.isFinite(rounded) === Number.isFinite(value) && (rounded !== 0 || value === 0)
}

/** What JSON would leave out or change. */
function objectionToJson(value: unknown, path: readonly PropertyKey[]): Objection | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') {
    const reason = objectionToCharacters(value)
    return reason === undefined ? undefined : { reason, path }
  }
  if (typeof value === 'number' && Number.isFinite(value)) return undefined
  if (path.length > 500) return { reason: 'must be less deep', path: [] }
  if (Array.isArray(value)) return firstObjection([...value.entries()], path)
  return isPlain(value)
    ? firstObjection(Object.entries(value), path)
    : { reason: 'must be what JSON can hold', path }
}

function firstObjection(
  entries: readonly (readonly [PropertyKey, unknown])[],
  path: readonly PropertyKey[],
): Objection | undefined {
  for (const [key, value] of entries) {
    const inside = [...path, key]
    const found = objectionToJson(key.toString(), inside) ?? objectionToJson(value, inside)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether a value is an object without a class. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function refuse(reason: string): Objection {
  return { reason, path: [] }
}
