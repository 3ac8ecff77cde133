const ZERO = 48
const DASH = 45
const PLUS = 43
const DOT = 46
const MINUTE_MS = 60_000
const SHORTEST = '2026-01-01 00:00:00+00'.length

/**
 * The instant of a timestamptz as the server writes it with DateStyle ISO, to the millisecond; what is finer is dropped.
 *
 * @returns undefined for what is written otherwise: years of more or fewer than four digits, BC, infinity
 */
export function readTimestamptz(text: string): Date | undefined {
  if (text.length < SHORTEST || text.charCodeAt(4) !== DASH) return undefined
  const year = two(text, 0) * 100 + two(text, 2)
  // Date.UTC takes a year below 100 for one of the twentieth century.
  if (!(year >= 100)) return undefined
  let at = 19
  let millisecond = 0
  if (text.charCodeAt(at) === DOT) {
    at += 1
    for (let place = 100; isDigit(text, at); at += 1) {
      millisecond += digit(text, at) * place
      place = place > 1 ? place / 10 : 0
    }
  }
  const offsetMs = readOffset(text, at)
  if (offsetMs === undefined) return undefined
  const [month, day] = [two(text, 5) - 1, two(text, 8)]
  const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)]
  const local = Date.UTC(year, month, day, hour, minute, second, millisecond)
  return Number.isNaN(local) ? undefined : new Date(local - offsetMs)
}

/** `+02`, `-03:30` or, long ago, `+00:19:32`, up to the end of the text. */
function readOffset(text: string, start: number): number | undefined {
  const sign = text.charCodeAt(start)
  if (sign !== PLUS && sign !== DASH) return undefined
  let seconds = two(text, start + 1) * 3_600
  const end = text.length
  if (end >= start + 6) seconds += two(text, start + 4) * 60
  if (end === start + 9) seconds += two(text, start + 7)
  const isWhole = end === start + 3 || end === start + 6 || end === start + 9
  if (!isWhole || Number.isNaN(seconds)) return undefined
  return (sign === DASH ? -seconds : seconds) * (MINUTE_MS / 60)
}

function two(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1)
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO
  return value >= 0 && value <= 9 ? value : Number.NaN
}

function isDigit(text: string, at: number): boolean {
  const value = text.charCodeAt(at) - ZERO
  return value >= 0 && value <= 9
}
