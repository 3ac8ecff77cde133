import type { Codec } from './codec.ts'
import { decoderOf } from './registry.ts'

const BOOLEAN: number = 16
const INT4: number = 23
const TIMESTAMPTZ: number = 1184
const JSONB: number = 3802

/** Text, and what is read as its text. */
export const textCodec: Codec = { decode: (text) => text, inJson: 'as is' }

/** Numbers whose digits JSON would lose; read as text. */
export const digitsCodec: Codec = { decode: (text) => text, inJson: 'text' }

export const booleanCodec: Codec = { decode: decoderOf(BOOLEAN), inJson: 'as is' }
export const integerCodec: Codec = { decode: decoderOf(INT4), inJson: 'as is' }
export const bigintCodec: Codec = { decode: BigInt, inJson: 'text' }
export const timestamptzCodec: Codec = { decode: decoderOf(TIMESTAMPTZ), inJson: 'text' }

/** Documents; pg would write an array as an array of PostgreSQL's, and a bare text as it is. */
export const jsonCodec: Codec = {
  decode: decoderOf(JSONB),
  encode: (value) => (value === null || value === undefined ? value : JSON.stringify(value)),
  inJson: 'as is',
}
