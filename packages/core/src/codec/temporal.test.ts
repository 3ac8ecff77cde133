import fc from 'fast-check'
import pg from 'pg'
import { expect, test } from 'vitest'
import { readTimestamptz } from './temporal.ts'

const TIMESTAMPTZ: number = 1184
const byPg = (text: string) => pg.types.getTypeParser(TIMESTAMPTZ, 'text')(text)

const twoDigits = (max: number) =>
  fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'))
const written = fc
  .record({
    date: fc.date({
      min: new Date('0100-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    }),
    fraction: fc.option(fc.stringMatching(/^[0-9]{1,6}$/)),
    sign: fc.constantFrom('+', '-'),
    hours: twoDigits(14),
    minutes: fc.option(twoDigits(59)),
    seconds: fc.option(twoDigits(59)),
  })
  .map(({ date, fraction, sign, hours, minutes, seconds }) => {
    const local = date.toISOString().slice(0, 19).replace('T', ' ')
    const rest = minutes === null ? '' : `:${minutes}${seconds === null ? '' : `:${seconds}`}`
    return `${local}${fraction === null ? '' : `.${fraction}`}${sign}${hours}${rest}`
  })

test('a timestamptz is read as pg reads it', () => {
  fc.assert(
    fc.property(written, (text) => {
      expect(readTimestamptz(text)).toEqual(byPg(text))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  'infinity',
  '-infinity',
  '0044-03-15 12:00:00+00 BC',
  '10000-01-01 00:00:00+00',
  '0099-01-01 00:00:00+00',
  '2026-01-01 00:00:00',
  '2026-01-01 00:00:00+0x',
  '01/02/2026 00:00:00 UTC',
  'not an instant at all.',
])('%s is left to a slower reader', (text) => {
  expect(readTimestamptz(text)).toBeUndefined()
})
