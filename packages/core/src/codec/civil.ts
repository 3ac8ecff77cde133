import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/** More than PostgreSQL keeps; it would round. */
const FINER = /\.\d{6}\d*[1-9]/
/** A time of day, and behind it where it is counted. */
const ZONED = /\d:\d\d.*(?:z|[+-]\d|\b(?:utc|gmt)\b|[a-z]\/[a-z])/i

/** Days of the calendar as the server's text, `2026-01-31`; a time of day, which would be dropped, is refused. */
export const dateCodec: Codec = civil((text) => {
  if (text.includes(':')) throw refusal('a date keeps no time of day: write the day alone')
})

/** A time of day, or a date and time, that names no instant, as the server's text; a zone, which would be ignored, is refused. */
export const civilTimeCodec: Codec = civil((text) => {
  if (ZONED.test(text))
    throw refusal('a time without time zone keeps no zone: write it without, or use timestamptz')
})

/** A time of day with the offset that it is counted at. */
export const zonedTimeCodec: Codec = civil(() => {})

/** @throws {DataError} `PARAMETER_INVALID` if the seconds have more than six digits */
export function assertMicroseconds(text: string): void {
  if (FINER.test(text)) throw refusal('PostgreSQL keeps six digits of a second and would round')
}

function civil(assert: (text: string) => void): Codec {
  return {
    decode: (text) => text,
    encode: (value) => {
      if (value === null || value === undefined) return value
      if (typeof value !== 'string') {
        throw refusal(
          'a date, a time and a timestamp without time zone are text: a Date is an instant, and which day that is depends on the zone',
        )
      }
      assert(value)
      assertMicroseconds(value)
      return value
    },
    inJson: 'text',
  }
}
