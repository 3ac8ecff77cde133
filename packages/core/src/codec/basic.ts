import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/** Text, and what is read as its text. */
export const textCodec: Codec = { decode: (text) => text, inJson: 'as is' }

/** Numbers whose digits JSON would lose, and what JSON would write otherwise than the server does; read as text. */
export const digitsCodec: Codec = { decode: (text) => text, inJson: 'text' }

export const booleanCodec: Codec = {
  decode: (text) => text === 't' || text === 'true',
  inJson: 'as is',
}

export const integerCodec: Codec = { decode: Number, inJson: 'as is' }

/** Numbers that JSON writes as text. */
export const oidCodec: Codec = { decode: Number, inJson: 'text' }

/** Whole numbers of any size; a number of JavaScript's that is none, or has lost digits before, is refused. */
export const bigintCodec: Codec = {
  decode: BigInt,
  encode: (value) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      throw refusal('a number that is no safe integer cannot be kept in a bigint: pass a bigint')
    return value
  },
  inJson: 'text',
}

/** Floating point; JSON knows neither NaN nor infinity, and pg would lose the sign of zero. */
export const floatCodec: Codec = {
  decode: Number,
  encode: (value) => (Object.is(value, -0) ? '-0' : value),
  inJson: 'text',
}

const HEX = '\\x'

/** Bytes, read as a Buffer. */
export const bytesCodec: Codec = {
  decode: (text) =>
    text.startsWith(HEX) ? Buffer.from(text.slice(HEX.length), 'hex') : unescaped(text),
  encode: (value) => {
    if (value === null || value === undefined || ArrayBuffer.isView(value)) return value
    throw refusal('bytes are a Buffer or a Uint8Array')
  },
  inJson: 'text',
}

/** Small numbers in a row, as catalogues have them. */
export const vectorCodec: Codec = {
  decode: (text) => (text === '' ? [] : text.split(' ').map(Number)),
  encode: (value) => (Array.isArray(value) ? value.join(' ') : value),
  inJson: 'text',
  special: true,
  takesArrays: true,
}

/** A number as PostgreSQL reads it. */
export function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** What pg would send for an encoded value, where it stands inside of another one. */
export function textOf(encoded: unknown): string {
  if (typeof encoded === 'string') return encoded
  if (typeof encoded === 'number') return numberText(encoded)
  if (typeof encoded === 'bigint' || typeof encoded === 'boolean') return String(encoded)
  if (ArrayBuffer.isView(encoded)) {
    const { buffer, byteOffset, byteLength } = encoded
    return HEX + Buffer.from(buffer, byteOffset, byteLength).toString('hex')
  }
  throw refusal('an element is of another type than its column')
}

/** `bytea_output = escape`: bytes that are not printable stand as three octal digits. */
function unescaped(text: string): Buffer {
  const bytes = text.replace(/\\(\\|[0-7]{3})/g, (_, code: string) =>
    code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8)),
  )
  return Buffer.from(bytes, 'latin1')
}
