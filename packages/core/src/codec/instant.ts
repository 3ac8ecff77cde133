import pg from 'pg'
import { DataError } from '../errors/data-error.ts'
import { assertMicroseconds } from './civil.ts'
import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'
import { readTimestamptz } from './temporal.ts'

const TIMESTAMPTZ: number = 1184
const DAY_SECONDS = 86_400
const MILLISECOND_MICROS = 1_000
/** PostgreSQL knows nothing before 4714 BC. */
const FIRST_YEAR = -4_713
const MOST_DATE_MS = 8.64e15

/** As the server writes it with DateStyle ISO, of any year. */
const ISO =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/
/** A year as ECMAScript writes it where four digits do not do; 0000 is the year before 1. */
const WIDE_YEAR = /^([+-]\d{6}|0000)(?=-)/
const ENDS_WITH_ZONE = /\d(?:z|[+-]\d\d(?::?\d\d){0,2})(?: bc)?$/i

interface Instant {
  /** Whole seconds since 1970. */
  readonly seconds: number
  /** And these. */
  readonly micros: number
}

/** Instants to the millisecond, as a Date; `infinity` and `-infinity` are the numbers Infinity and -Infinity, as pg has it. */
export const timestamptzCodec: Codec = { decode: readDate, encode: writeDate, inJson: 'text' }

/** Instants to the microsecond, as ISO text in UTC with six digits: `2026-01-31T12:00:00.123456Z`. */
export const preciseTimestamptzCodec: Codec = {
  decode: (text) => {
    const instant = parseInstant(text)
    return instant === undefined ? text : isoOf(instant)
  },
  encode: writePrecise,
  inJson: 'text',
  special: true,
}

function readDate(text: string): unknown {
  const fast = readTimestamptz(text)
  if (fast !== undefined) return fast
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  if (text === '-infinity') return Number.NEGATIVE_INFINITY
  const instant = parseInstant(text)
  // Another DateStyle.
  if (instant === undefined) return pg.types.getTypeParser(TIMESTAMPTZ, 'text')(text)
  const ms = instant.seconds * 1_000 + Math.floor(instant.micros / MILLISECOND_MICROS)
  if (Math.abs(ms) > MOST_DATE_MS) {
    throw new DataError(
      'RESULT_UNREADABLE',
      'an instant lies beyond what a Date can hold: read the column with timestamptz({ precise: true })',
    )
  }
  return new Date(ms)
}

/** In UTC: pg would write it in the zone of the process, of whose offset it keeps no seconds. */
function writeDate(value: unknown): unknown {
  if (value instanceof Date) return writtenDate(value)
  if (typeof value === 'number' && Math.abs(value) !== Number.POSITIVE_INFINITY)
    throw refusal('an instant is a Date')
  return value
}

function writtenDate(date: Date): string {
  if (Number.isNaN(date.getTime())) throw refusal('an invalid Date names no instant')
  return withServerYear(date.toISOString())
}

function writePrecise(value: unknown): unknown {
  if (value === null || value === undefined) return value
  if (value instanceof Date) return writtenDate(value)
  if (typeof value !== 'string') throw refusal('a precise instant is ISO text')
  if (/^[+-]?infinity$/i.test(value)) return value
  if (!ENDS_WITH_ZONE.test(value))
    throw refusal('a text without a zone names no instant: end it with Z or an offset')
  assertMicroseconds(value)
  return withServerYear(value)
}

/** Takes years of more than four digits and those before 1 into the form that PostgreSQL reads. */
function withServerYear(iso: string): string {
  const [wide] = WIDE_YEAR.exec(iso) ?? []
  if (wide === undefined) return iso
  const year = Number(wide)
  if (year < FIRST_YEAR) throw refusal('PostgreSQL knows no instant before 4714 BC')
  const rest = iso.slice(wide.length)
  if (year > 0) return `${year}${rest}`
  return `${String(1 - year).padStart(4, '0')}${rest} BC`
}

function parseInstant(text: string): Instant | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, ...rest] = match
  const [hours, minutes = '0', seconds = '0', bc] = rest
  const offset = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  const astronomicalYear = bc === undefined ? Number(year) : 1 - Number(year)
  const days = daysOf(astronomicalYear, Number(month), Number(day))
  const time = Number(hour) * 3_600 + Number(minute) * 60 + Number(second)
  return {
    seconds: days * DAY_SECONDS + time - (sign === '-' ? -offset : offset),
    micros: Number(fraction.padEnd(6, '0')),
  }
}

/** ECMAScript's form of a date and time, with six digits; of any year, also of those that no Date reaches. */
function isoOf({ seconds, micros }: Instant): string {
  const day = Math.floor(seconds / DAY_SECONDS)
  const { year, monthAndDay } = dateOf(day)
  const time = new Date((seconds - day * DAY_SECONDS) * 1_000).toISOString().slice(10, 20)
  return `${isoYear(year)}-${monthAndDay}${time}${String(micros).padStart(6, '0')}Z`
}

function isoYear(year: number): string {
  if (year >= 0 && year <= 9_999) return String(year).padStart(4, '0')
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`
}

/** 400 years repeat, so that those that no Date reaches are counted in a cycle that one does. */
const CYCLE_YEARS = 400
const CYCLE_DAYS = 146_097

function daysOf(year: number, month: number, day: number): number {
  const cycles = Math.floor(year / CYCLE_YEARS)
  const inCycle = new Date(0).setUTCFullYear(year - cycles * CYCLE_YEARS, month - 1, day)
  return cycles * CYCLE_DAYS + inCycle / (DAY_SECONDS * 1_000)
}

function dateOf(day: number): { year: number; monthAndDay: string } {
  const cycles = Math.floor(day / CYCLE_DAYS)
  const date = new Date((day - cycles * CYCLE_DAYS) * DAY_SECONDS * 1_000)
  return {
    year: date.getUTCFullYear() + cycles * CYCLE_YEARS,
    monthAndDay: date.toISOString().slice(5, 10),
  }
}
