import pg from 'pg'
import { readTimestamptz } from './temporal.ts'

/** What turns the text of one PostgreSQL type into a value. */
export type Decoder = (text: string) => unknown

const INT8 = 20
const DATE = 1082
const TIMESTAMP = 1114
const TIMESTAMPTZ: number = 1184
const INT8_ARRAY = 1016
const TEXT_ARRAY: number = 1009
const NUMERIC_ARRAY = 1231
const DATE_ARRAY = 1182
const TIMESTAMP_ARRAY = 1115

const asText: Decoder = (text) => text
const timestamptzByPg: Decoder = pg.types.getTypeParser(TIMESTAMPTZ, 'text')
const asTextArray: Decoder = (text) => pg.types.getTypeParser(TEXT_ARRAY, 'text')(text)

const OWN: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [INT8, BigInt],
  [INT8_ARRAY, (text) => bigints(asTextArray(text))],
  [TIMESTAMPTZ, (text) => readTimestamptz(text) ?? timestamptzByPg(text)],
  [DATE, asText],
  [TIMESTAMP, asText],
  [NUMERIC_ARRAY, asTextArray],
  [DATE_ARRAY, asTextArray],
  [TIMESTAMP_ARRAY, asTextArray],
])

/**
 * The decoder of a type, by its oid: int8 becomes bigint, timestamptz a Date, jsonb its parsed value,
 * numeric stays text (a double would lose digits), as do date and timestamp, which name no instant. Arrays likewise.
 */
export function decoderOf(oid: number, format: 'text' | 'binary' = 'text'): Decoder {
  return OWN.get(oid) ?? pg.types.getTypeParser(oid, format)
}

function bigints(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bigints)
  return value === null ? null : BigInt(value as string)
}
