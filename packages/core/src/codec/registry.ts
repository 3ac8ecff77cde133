import pg from 'pg'
import { BUILT_IN } from './built-in.ts'

/** What turns the text of one PostgreSQL type into a value. */
export type Decoder = (text: string) => unknown

const OWN: ReadonlyMap<number, Decoder> = new Map(
  Object.values(BUILT_IN).flatMap(({ oid, arrayOid, codec, arrayCodec }) => [
    [oid, codec.decode],
    [arrayOid, arrayCodec.decode],
  ]),
)

/**
 * The decoder of a type, by its oid: int8 becomes bigint, timestamptz a Date, jsonb its parsed value, a range its bounds; numeric stays
 * text (a double would lose digits), as do date and timestamp, which name no instant. Arrays likewise. Other types are read as pg does.
 */
export function decoderOf(oid: number, format: 'text' | 'binary' = 'text'): Decoder {
  return OWN.get(oid) ?? pg.types.getTypeParser(oid, format)
}
