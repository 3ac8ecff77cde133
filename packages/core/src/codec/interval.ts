import { assertMicroseconds } from './civil.ts'
import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/** As the server writes it with IntervalStyle postgres: `1 year 2 mons -3 days +04:05:06.789`. */
const WRITTEN =
  /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-]?)(\d+):(\d\d):(\d\d(?:\.\d{1,6})?))?$/

/** Intervals as ISO 8601 text, `P1Y2M-3DT4H5M6.789S`; months, days and time stay apart, as PostgreSQL keeps them. */
export const intervalCodec: Codec = {
  decode: isoOf,
  encode: (value) => {
    if (value === null || value === undefined) return value
    if (typeof value !== 'string') throw refusal('an interval is text')
    assertMicroseconds(value)
    return value
  },
  inJson: 'text',
}

/** What is written in another style is left as it is. */
function isoOf(text: string): string {
  const match = WRITTEN.exec(text)
  if (match === null) return text
  const [, years, months, days, sign = '', hours, minutes, seconds] = match
  const date = part(years, 'Y') + part(months, 'M') + part(days, 'D')
  const minus = sign === '-' ? '-' : ''
  const time = part(hours, 'H', minus) + part(minutes, 'M', minus) + part(seconds, 'S', minus)
  if (date === '' && time === '') return 'PT0S'
  return `P${date}${time && `T${time}`}`
}

function part(digits: string | undefined, unit: string, sign = ''): string {
  const value = Number(digits ?? 0)
  return value === 0 ? '' : `${sign}${value}${unit}`
}
