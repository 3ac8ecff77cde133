import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/**
 * JSON documents. Plain objects, arrays, text, finite numbers, booleans and null come back as they are; a property that is undefined is
 * left out. What JSON would change or PostgreSQL cannot hold is refused: NaN, a Date, a Map, bigint, a hole in an array, NUL.
 */
export const documentCodec: Codec = {
  decode: JSON.parse,
  // pg would write an array as an array of PostgreSQL's, and a bare text as it is.
  encode: (value) => (value === null || value === undefined ? value : written(value)),
  inJson: 'as is',
  takesArrays: true,
}

function written(value: unknown): string {
  try {
    assertDocument(value)
    return JSON.stringify(value)
  } catch (error) {
    // It holds itself, or is nested deeper than the stack.
    if (error instanceof RangeError) throw refusal('a JSON document is nested too deeply', error)
    throw error
  }
}

function assertDocument(value: unknown): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') assertHoldable(value)
  else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refusal('a JSON document cannot hold NaN or Infinity')
  } else if (Array.isArray(value)) {
    // Not forEach, which steps over holes.
    for (const item of value) assertDocument(item)
  } else if (typeof value === 'object') assertPlain(value)
  else throw refusal(`a JSON document cannot hold a ${typeof value}`)
}

function assertPlain(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Also an object of another realm is plain.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw refusal(
      'a JSON document cannot hold an object of a class, as Date or Map: it would be read as something else. Store what it is to be read as',
    )
  }
  if ('toJSON' in value && typeof value.toJSON === 'function')
    throw refusal('a JSON document cannot hold an object with toJSON(). Store what it returns')
  for (const [key, item] of Object.entries(value)) {
    assertHoldable(key)
    if (item !== undefined) assertDocument(item)
  }
}

function assertHoldable(text: string): void {
  if (text.includes('\0')) throw refusal('a JSON document cannot hold NUL in PostgreSQL')
  if (!text.isWellFormed())
    throw refusal('a JSON document cannot hold half of a surrogate pair in PostgreSQL')
}
