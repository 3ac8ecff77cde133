/** A value as its column takes it, or what is wrong with it. */
type Checked =
  | { readonly value: unknown }
  | { readonly reason: string; readonly path: readonly PropertyKey[] }

const TIME = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?`
const DAY = String.raw`\d{4}-\d{2}-\d{2}`
const ZONE = String.raw`(Z|[+-](0\d|1[0-5])(:[0-5]\d)?)`

/** Types whose text has one form; those that are not here are left to the server. */
const FORMS: Readonly<Record<string, { readonly form: RegExp; readonly reason: string }>> = {
  uuid: {
    form: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    reason: 'must be a UUID',
  },
  time: { form: new RegExp(`^${TIME}$`), reason: 'must be a time of day, as 12:00:00' },
  timetz: {
    form: new RegExp(`^${TIME}${ZONE}$`),
    reason: 'must be a time of day with its offset, as 12:00:00+02',
  },
  timestamp: {
    form: new RegExp(`^${DAY}[T ]${TIME}$`),
    reason: 'must be a date and time without a zone, as 2026-01-31 12:00:00',
  },
}

/** The server's first instant, in 4714 before Christ; its last one is beyond those of a Date. */
const EARLIEST = Date.UTC(-4713, 10, 24)

const LIMITED = new Set(['varchar', 'char'])

/** Types that are text for whoever writes them, whatever the server makes of it. */
const TEXTS = new Set([
  ...['text', 'citext', 'name', 'interval', 'money', 'inet', 'cidr', 'macaddr', 'macaddr8', 'bit'],
  ...['varbit', 'bit varying', 'xml', 'tsvector', 'tsquery', 'jsonpath', 'ltree', 'pg_lsn'],
  ...LIMITED,
  ...Object.keys(FORMS),
])

/** How values are judged of a type that is written as text; those of a type that is not known are left to its codec and the server. */
export function checkOfText(
  name: string,
  [length]: readonly number[],
): (value: unknown) => Checked {
  if (!TEXTS.has(name)) return (value) => ({ value })
  const { form, reason = '' } = FORMS[name] ?? {}
  const most = LIMITED.has(name) ? length : undefined
  return (value) => {
    if (typeof value !== 'string') return refuse('must be text')
    const objection = objectionToCharacters(value)
    if (objection !== undefined) return refuse(objection)
    if (most !== undefined && [...value].length > most)
      return refuse(`must be text of at most ${most} characters`)
    if (form !== undefined && !(form.test(value) && isDay(value))) return refuse(reason)
    return { value }
  }
}

/** Why the server cannot keep a text as it is. */
export function objectionToCharacters(text: string): string | undefined {
  if (text.includes('\0')) return 'must not hold the character NUL'
  return text.isWellFormed() ? undefined : 'must not hold half a character'
}

/** A day of the calendar, as text. */
export function checkOfDate(value: unknown): Checked {
  const isDate = typeof value === 'string' && new RegExp(`^${DAY}$`).test(value) && isDay(value)
  return isDate ? { value } : refuse('must be a date, as 2026-01-31')
}

/** An instant: a Date, or ISO text with a zone, since JSON has no form for a Date. */
export function checkOfInstant(read: 'Date' | 'text'): (value: unknown) => Checked {
  const form = new RegExp(`^${DAY}T${TIME}(Z|[+-](0\\d|1[0-5]):[0-5]\\d)$`)
  return (value) => {
    const date = value instanceof Date ? value : undefined
    const text = typeof value === 'string' && form.test(value) && isDay(value) ? value : undefined
    const instant = date ?? (text === undefined ? undefined : new Date(text))
    if (instant === undefined || !(instant.getTime() >= EARLIEST))
      return refuse('must be an instant: a Date or ISO text with its offset')
    return { value: read === 'Date' ? instant : (text ?? instant.toISOString()) }
  }
}

/** Whether the calendar has the day that a text begins with; a text that begins with none is not asked about it. */
function isDay(text: string): boolean {
  const [, year, month, day] = text.match(/^(\d{4})-(\d{2})-(\d{2})/) ?? []
  if (year === undefined) return true
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (Number(year) === 0) return false
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

function refuse(reason: string): Checked {
  return { reason, path: [] }
}
