import fc from 'fast-check'

/** Whole characters, the last of them outside of the first 65,536; NUL is refused, which is tested apart. */
const character = fc.oneof(
  fc.constantFrom(
    '"',
    "'",
    '\\',
    '{',
    '}',
    ',',
    '(',
    ')',
    '[',
    ']',
    ' ',
    '\n',
    '\t',
    '\u{1f600}',
    'é',
    '\u007f',
    '\ufffe',
  ),
  fc.integer({ min: 1, max: 0xd7ff }).map((code) => String.fromCodePoint(code)),
  fc.integer({ min: 0xe000, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
)
export const words = fc.oneof(
  fc.constantFrom('', 'NULL', 'null', '{}', '"', '\\', '\\x00', 'empty', 'infinity', ' ', 'true'),
  fc.array(character, { maxLength: 12 }).map((all) => all.join('')),
)
export const bounded = (bits: number) => {
  const most = 2 ** (bits - 1) - 1
  return fc.oneof(fc.integer({ min: -most - 1, max: most }), fc.constantFrom(-most - 1, most, 0))
}
const MOST_INT8 = 2n ** 63n - 1n
export const int8 = fc.oneof(
  fc.bigInt({ min: -MOST_INT8 - 1n, max: MOST_INT8 }),
  fc.constantFrom(-MOST_INT8 - 1n, MOST_INT8, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 0n),
)
const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^[0-9]{0,${maxLength}}$`))
export const decimal = fc.oneof(
  fc.constantFrom(
    'NaN',
    'Infinity',
    '-Infinity',
    '0',
    '0.00',
    '1'.repeat(1_000),
    `0.${'0'.repeat(999)}1`,
  ),
  fc
    .tuple(fc.boolean(), fc.constantFrom('1', '9', '5'), digits(60), digits(60))
    .map(
      ([minus, first, whole, fraction]) =>
        `${minus ? '-' : ''}${first}${whole}${fraction && `.${fraction}`}`,
    ),
)
export const float8 = fc.oneof(
  fc.double(),
  fc.constantFrom(
    Number.NaN,
    Infinity,
    -Infinity,
    -0,
    0,
    Number.MIN_VALUE,
    Number.MAX_VALUE,
    0.1,
    1e21,
  ),
)
/** Six digits that 32 bits keep; more zeros behind them might end halfway between two numbers. */
export const float4 = fc.oneof(
  fc
    .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: -35, max: 1 }))
    .map(([mantissa, exponent]) => (mantissa === 0 ? 0 : Number(`${mantissa}e${exponent}`))),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0),
)
const two = (value: number) => String(value).padStart(2, '0')
export const clock = fc
  .record({
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    second: fc.integer({ min: 0, max: 59 }),
    micros: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999 })),
  })
  .map(({ hour, minute, second, micros }) => {
    const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`
    return `${two(hour)}:${two(minute)}:${two(second)}${fraction}`
  })
const day = fc.record({
  year: fc.oneof(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 10_000, max: 200_000 })),
  bc: fc.boolean(),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
})
const isKnown = ({ year, bc }: { year: number; bc: boolean }) => !bc || year <= 4_000
const named = (
  { year, bc, month, day: ofMonth }: { year: number; bc: boolean; month: number; day: number },
  time = '',
) =>
  `${String(year).padStart(4, '0')}-${two(month)}-${two(ofMonth)}${time && ` ${time}`}${bc ? ' BC' : ''}`
export const dates = fc.oneof(
  day.filter(isKnown).map((one) => named(one)),
  fc.constantFrom('infinity', '-infinity'),
)
export const timestamps = fc.oneof(
  fc.tuple(day.filter(isKnown), clock).map(([one, time]) => named(one, time)),
  fc.constantFrom('infinity', '-infinity'),
)
export const finiteInstants = fc.oneof(
  fc.date({ min: new Date(-210_000_000_000_000), max: new Date(8.64e15), noInvalidDate: true }),
  fc.date({ min: new Date('1800-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  fc.constantFrom(
    new Date(8.64e15),
    new Date('0000-01-01T00:00:00Z'),
    new Date(-1),
    new Date('0099-12-31T23:59:59.999Z'),
  ),
)
export const instants = fc.oneof(finiteInstants, fc.constantFrom(Infinity, -Infinity))
const finitePrecise = fc
  .tuple(finiteInstants, fc.integer({ min: 0, max: 999 }))
  .map(([date, micros]) => date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`))
export const precise = fc.oneof(
  finitePrecise,
  fc.constantFrom(
    'infinity',
    '-infinity',
    '+294276-12-31T23:59:59.999999Z',
    '-004713-11-24T00:00:00.000000Z',
  ),
)
const part = (unit: string, max: number) =>
  fc.integer({ min: -max, max }).map((value) => (value === 0 ? '' : `${value}${unit}`))
/** As the server would write it: less than twelve months, sixty minutes and sixty seconds, the parts of each group of one sign. */
export const intervals = fc
  .record({
    sign: fc.constantFrom('', '-'),
    years: fc.nat({ max: 10_000 }),
    months: fc.nat({ max: 11 }),
    days: part('D', 1_000_000),
    timeSign: fc.constantFrom('', '-'),
    hours: fc.nat({ max: 1_000_000 }),
    minutes: fc.nat({ max: 59 }),
    micros: fc.oneof(fc.constant(0), fc.nat({ max: 59_999_999 })),
  })
  .map(({ sign, years, months, days, timeSign, hours, minutes, micros }) => {
    const some = (value: number, unit: string, minus: string) =>
      value === 0 ? '' : `${minus}${value}${unit}`
    const date = some(years, 'Y', sign) + some(months, 'M', sign) + days
    const time =
      some(hours, 'H', timeSign) + some(minutes, 'M', timeSign) + some(micros / 1e6, 'S', timeSign)
    return date === '' && time === '' ? 'PT0S' : `P${date}${time && `T${time}`}`
  })
  .filter((text) => !text.includes('e'))
export const bytes = fc.uint8Array({ maxLength: 40 }).map((all) => Buffer.from(all))
export const documents = fc
  .oneof(
    fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }).filter((value) => value !== null),
    fc.constantFrom('', 'null', [], {}, [null], [[]], 0, 1e300, 5e-324, 2 ** 53, {
      __proto__: null,
      a: 1,
    }),
    fc.constant(Array.from({ length: 500 }).reduce<unknown>((inner) => [{ inner }], 1)),
  )
  .map(withoutNul)
export const uuids = fc.uuid()
export const bits = (min: number, max: number) =>
  fc.stringMatching(new RegExp(`^[01]{${min},${max}}$`))

function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed()
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(withoutNul)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [String(withoutNul(key)), withoutNul(item)]),
  )
}

export const list = (of: fc.Arbitrary<unknown>) => fc.array(fc.option(of), { maxLength: 5 })
/** Rows of one length. */
export const grid = (of: fc.Arbitrary<unknown>) =>
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain(([rows, length]) =>
    fc.array(fc.array(fc.option(of), { minLength: length, maxLength: length }), {
      minLength: rows,
      maxLength: rows,
    }),
  )

/** Ranges as the server gives them back. */
export function ranges<T>(
  of: fc.Arbitrary<T>,
  compare: (one: T, other: T) => number,
  discrete: boolean,
) {
  const none = fc.constant(null)
  return fc.oneof(
    fc
      .record({
        bounds: fc
          .tuple(of, of)
          .filter(([one, other]) => compare(one, other) !== 0)
          .map((pair) => pair.sort(compare)),
        lowerInclusive: discrete ? fc.constant(true) : fc.boolean(),
        upperInclusive: discrete ? fc.constant(false) : fc.boolean(),
      })
      .map(({ bounds: [lower, upper], ...inclusive }) => ({ lower, upper, ...inclusive })),
    fc.tuple(of, none, fc.constant(discrete)).map(([lower, upper, lowerInclusive]) => ({
      lower,
      upper,
      lowerInclusive,
      upperInclusive: false,
    })),
    fc
      .tuple(none, of)
      .map(([lower, upper]) => ({ lower, upper, lowerInclusive: false, upperInclusive: false })),
    fc.constant({ lower: null, upper: null, lowerInclusive: false, upperInclusive: false }),
    fc.constant('empty'),
  )
}

/** A list of ranges in order that do not touch. */
export function multiranges<T>(of: fc.Arbitrary<T>, compare: (one: T, other: T) => number) {
  return fc
    .uniqueArray(of, { maxLength: 6, comparator: (one, other) => compare(one, other) === 0 })
    .map((all) => {
      const sorted = all.sort(compare)
      return Array.from({ length: Math.floor(sorted.length / 2) }, (_, at) => ({
        lower: sorted[at * 2],
        upper: sorted[at * 2 + 1],
        lowerInclusive: true,
        upperInclusive: false,
      }))
    })
}

export const byNumber = (one: number, other: number) => one - other
export const byBigint = (one: bigint, other: bigint) => (one < other ? -1 : Number(one > other))
export const byText = (one: string, other: string) => (one < other ? -1 : Number(one > other))
export const byDate = (one: Date, other: Date) => one.getTime() - other.getTime()
/** Of one length, so that their order is that of their texts. */
export const plainDecimal = fc.integer({ min: 1, max: 8_999 }).map((n) => `${n + 1_000}.5`)
export const plainDay = fc
  .date({ min: new Date('1000-01-01'), max: new Date('9999-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
export const plainTimestamp = plainDay.map((text) => `${text} 12:00:00.5`)
/** Less one, so that the upper bound that the server makes of it is still in range. */
export const int4 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 2 })
export const small8 = fc.bigInt({ min: -MOST_INT8, max: MOST_INT8 - 1n })
export const evenDay = plainDay.filter((text) => Number(text.slice(8)) % 2 === 0)

/** What a caller may pass whom no type has stopped; not bytes, which travel in the binary form of whatever type they are for. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\0',
    '\ud800',
    'a\udfffb',
    '{',
    '[1,2)',
    '{"a"',
    '2026-13-45',
    'infinity',
    '1e400',
  ),
  fc.oneof(fc.double(), fc.integer(), fc.bigInt()),
  fc.date(),
  fc.constantFrom(new Date(Number.NaN), new Date(-8.64e15), new Map(), true, [], {}, [[]], 'empty'),
  fc.anything({ withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
)
