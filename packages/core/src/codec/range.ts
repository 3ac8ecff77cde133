import { textOf } from './basic.ts'
import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/** A range that is not empty. A bound that is null is none: the range goes on for ever, and the bound is not included. */
export interface Bounds<T> {
  readonly lower: T | null
  readonly upper: T | null
  readonly lowerInclusive: boolean
  readonly upperInclusive: boolean
}

/** A range, or the one that holds nothing. */
export type Range<T> = Bounds<T> | 'empty'

const EMPTY = 'empty'

/** Ranges whose bounds travel by `bound`. */
export function rangeCodec(bound: Codec): Codec {
  return {
    decode: (text) => (text === EMPTY ? EMPTY : new RangeReader(text, bound).range()),
    encode: (value) => {
      if (value === null || value === undefined || value === EMPTY) return value
      return written(value, bound)
    },
    inJson: 'text',
    special: bound.special === true,
  }
}

/** Lists of ranges whose bounds travel by `bound`. */
export function multirangeCodec(bound: Codec): Codec {
  return {
    decode: (text) => new RangeReader(text, bound).ranges(),
    encode: (value) => {
      if (value === null || value === undefined) return value
      if (!Array.isArray(value)) throw refusal('a multirange is an array of ranges')
      return `{${value.map((range) => written(range, bound)).join(',')}}`
    },
    inJson: 'text',
    special: bound.special === true,
    takesArrays: true,
  }
}

function written(value: unknown, bound: Codec): string {
  if (!isBounds(value)) {
    throw refusal(
      "a range is { lower, upper, lowerInclusive, upperInclusive } or 'empty'; a bound that is null is none",
    )
  }
  const { lower, upper, lowerInclusive, upperInclusive } = value
  const start = lowerInclusive && lower !== null ? '[' : '('
  const end = upperInclusive && upper !== null ? ']' : ')'
  return `${start}${boundText(lower, bound)},${boundText(upper, bound)}${end}`
}

function isBounds(value: unknown): value is Bounds<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { lower, upper, lowerInclusive, upperInclusive } = value as Partial<Bounds<unknown>>
  return (
    lower !== undefined &&
    upper !== undefined &&
    typeof lowerInclusive === 'boolean' &&
    typeof upperInclusive === 'boolean'
  )
}

function boundText(value: unknown, bound: Codec): string {
  if (value === null) return ''
  const text = textOf(bound.encode === undefined ? value : bound.encode(value))
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

class RangeReader {
  readonly #text: string
  readonly #bound: Codec
  #at = 0

  constructor(text: string, bound: Codec) {
    this.#text = text
    this.#bound = bound
  }

  ranges(): Bounds<unknown>[] {
    const ranges: Bounds<unknown>[] = []
    for (this.#at = 1; this.#at < this.#text.length - 1; this.#at += 1) ranges.push(this.range())
    return ranges
  }

  range(): Bounds<unknown> {
    const lowerInclusive = this.#text[this.#at] === '['
    const lower = this.#value(',')
    const upper = this.#value(')]')
    const upperInclusive = this.#text[this.#at] === ']'
    this.#at += 1
    return { lower, upper, lowerInclusive, upperInclusive }
  }

  /** Steps over what stands before it and stops at one of `ends`. */
  #value(ends: string): unknown {
    let [read, start, isQuoted] = ['', this.#at + 1, false]
    for (this.#at = start; isQuoted || !ends.includes(this.#character()); this.#at += 1) {
      const character = this.#character()
      const isDoubled = isQuoted && character === '"' && this.#text[this.#at + 1] === '"'
      if (character !== '"' && character !== '\\') continue
      read += this.#text.slice(start, this.#at)
      start = this.#at + 1
      if (character === '\\' || isDoubled) this.#at += 1
      else isQuoted = !isQuoted
    }
    read += this.#text.slice(start, this.#at)
    return read === '' ? null : this.#bound.decode(read)
  }

  #character(): string {
    const character = this.#text[this.#at]
    if (character === undefined) throw new SyntaxError('the text is no range of PostgreSQL')
    return character
  }
}
