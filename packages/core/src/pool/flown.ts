import type { AquiferError } from '../errors/aquifer-error.ts'
import { DataError } from '../errors/data-error.ts'
import type { Answers } from './answer.ts'
import type { FlightPart } from './flight-writer.ts'

/** What became of a flight. */
export interface Flown {
  /** The answers to the statements before the failure, or to all of them. What stands behind them is of no meaning. */
  readonly answers: Answers
  /** The statement that failed, and why; those behind it were not run. */
  readonly failure: { readonly error: AquiferError; readonly at: number } | undefined
}

/**
 * The answers to all statements of a flight.
 *
 * @throws {AquiferError} its failure; {DataError} `RESULT_UNREADABLE`
 */
export function allAnswers({ answers, failure }: Flown): Answers {
  if (failure !== undefined) throw failure.error
  return readable(answers)
}

/**
 * Answers whose every row could be decoded.
 *
 * @throws {DataError} `RESULT_UNREADABLE`
 */
export function readable(answers: Answers): Answers {
  const cause = answers.find(({ unreadable }) => unreadable !== undefined)?.unreadable
  if (cause === undefined) return answers
  throw new DataError(
    'RESULT_UNREADABLE',
    'a value of the answer could not be decoded; the statement has run. The cause says why',
    { cause: cause.error },
  )
}

/** How many answers these parts bring. */
export function countAnswers(parts: readonly FlightPart[]): number {
  let count = 0
  for (const part of parts) if (!('closePortal' in part)) count += 1
  return count
}

/** What became of the statements behind the first `count`. */
export function behind({ answers, failure }: Flown, count: number): Flown {
  if (count === 0) return { answers, failure }
  const at = Math.max(0, (failure?.at ?? 0) - count)
  return { answers: answers.slice(count), failure: failure && { error: failure.error, at } }
}
