import { expect, test } from 'vitest'
import { preciseTimestamptzCodec, timestamptzCodec } from './instant.ts'

test.each([
  ['2026-01-31 12:00:00.123456+00', '2026-01-31T12:00:00.123456Z'],
  ['2026-01-31 12:00:00+05:30', '2026-01-31T06:30:00.000000Z'],
  ['1892-04-30 23:39:32.5+00:19:32', '1892-04-30T23:20:00.500000Z'],
  ['0001-01-01 00:00:00+00 BC', '0000-01-01T00:00:00.000000Z'],
  ['0044-03-15 12:00:00-01 BC', '-000043-03-15T13:00:00.000000Z'],
  ['294276-12-31 23:59:59.999999+00', '+294276-12-31T23:59:59.999999Z'],
  ['2024-02-29 23:00:00-02', '2024-03-01T01:00:00.000000Z'],
])('%s is %s', (text, iso) => {
  expect(preciseTimestamptzCodec.decode(text)).toBe(iso)
  if (!text.startsWith('294276')) expect(timestamptzCodec.decode(text)).toEqual(new Date(iso))
})

test('a Date is written in UTC, also where it has more or fewer than four digits', () => {
  const written = (iso: string) => timestamptzCodec.encode?.(new Date(iso))
  expect(written('2026-01-31T12:00:00.123Z')).toBe('2026-01-31T12:00:00.123Z')
  expect(written('+010000-01-01T00:00:00.000Z')).toBe('10000-01-01T00:00:00.000Z')
  expect(written('0000-01-01T00:00:00.000Z')).toBe('0001-01-01T00:00:00.000Z BC')
  expect(written('-000043-03-15T12:00:00.000Z')).toBe('0044-03-15T12:00:00.000Z BC')
})

test('another DateStyle is read as pg reads it, or left as it is', () => {
  const german = '31.01.2026 12:00:00 UTC'
  expect(preciseTimestamptzCodec.decode(german)).toBe(german)
})
