import { inspect } from 'node:util'
import { reportFault } from '@aquifer/embedded'
import { expect, inject } from 'vitest'

/** What the random numbers of every row are drawn from. */
const SEED = 20_260_418

/** One row of the table of faults on trial: how often, with which luck, and what came of it. */
export interface Trial {
  readonly long: boolean
  /** How often the fault is tried: `short` times or, in the long profile, `long` times. */
  times(short: number, long: number): Iterable<number>
  /** The next number in [0, 1) of the row's own sequence. */
  random(): number
  /** A whole number in [from, to]. */
  between(from: number, to: number): number
  /** Resolves after up to `mostMs`, a moment chosen by luck and not by order. */
  moment(mostMs: number): Promise<void>
  /** Notes how long `work` took; in the long profile more than `limitMs` breaks the promise. */
  timed<T>(work: () => Promise<T>, limitMs?: number): Promise<T>
  /** Notes what a caller got: it has to match `expected`, and anything else breaks the promise. */
  outcome(work: Promise<unknown>, expected: unknown): Promise<void>
  /** A promise that was not kept. */
  violation(what: string): void
  /** One more number for the report, named with its unit. */
  number(name: string, value: number): void
}

/**
 * Puts a row on trial, prints its line and fails if a promise was not kept.
 *
 * @param row the name of the row, as `C5`
 */
export async function trial(row: string, run: (trial: Trial) => Promise<void>): Promise<void> {
  const profile = inject('faultProfile')
  const random = sequenceOf(SEED)
  const violations: string[] = []
  const latenciesMs: number[] = []
  const numbers: Record<string, number> = {}
  let count = 0
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  await run({
    long: profile === 'long',
    *times(short, long) {
      const most = profile === 'long' ? long : short
      for (let n = 1; n <= most; n += 1) {
        count += 1
        yield n
      }
    },
    random,
    between,
    moment: (mostMs) => new Promise((resolve) => setTimeout(resolve, random() * mostMs)),
    async timed(work, limitMs = Number.POSITIVE_INFINITY) {
      const startedAt = performance.now()
      try {
        return await work()
      } finally {
        const tookMs = performance.now() - startedAt
        latenciesMs.push(tookMs)
        if (profile === 'long' && tookMs > limitMs)
          violations.push(`took ${Math.round(tookMs)} ms of ${limitMs}`)
      }
    },
    async outcome(work, expected) {
      const got = await work.catch((error: unknown) => error)
      try {
        expect(got).toEqual(expected)
      } catch (mismatch) {
        violations.push(`${describe(got)}: ${describe(mismatch)}`)
      }
    },
    violation: (what) => void violations.push(what),
    number: (name, value) => {
      numbers[name] = value
    },
  })
  await reportFault({
    row,
    profile,
    seed: SEED,
    count,
    violations: violations.length,
    latenciesMs,
    numbers,
  })
  expect(violations.slice(0, 5)).toEqual([])
}

function describe(got: unknown): string {
  if (!(got instanceof Error))
    return inspect(got, { depth: 1, maxArrayLength: 2, breakLength: Number.POSITIVE_INFINITY })
  const cause = got.cause === undefined ? '' : ` <- ${describe(got.cause)}`
  return `${'code' in got ? got.code : got.name} ${got.message}${cause}`
}

/** @see mulberry32 */
function sequenceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
