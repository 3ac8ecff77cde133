import type { Outcome } from '../errors/aquifer-error.ts'
import { monotonicMs } from '../time/clock.ts'
import type { Answers } from './answer.ts'
import type { PoolEvents } from './events.ts'
import type { FlightFailure } from './flight.ts'
import type { FlightPart, WrittenFlight } from './flight-writer.ts'
import type { ReaderFactory } from './row-reader.ts'

/** A flight that has ended. */
export interface Landed {
  readonly written: WrittenFlight
  readonly failure: FlightFailure | undefined
  readonly sentAt: number
  readonly ifLost: Outcome
  /** Whether the server had said anything about it. */
  readonly answered: boolean
}

/** What the rows of a text of several statements are made into. */
export function rowsOf([first]: readonly FlightPart[]): ReaderFactory | undefined {
  return first !== undefined && 'text' in first ? first.rows : undefined
}

/** What can be told of a flight. */
export interface FlightReport extends Pick<Landed, 'failure' | 'sentAt'> {
  readonly written: { readonly answers: Answers }
}

/** What there is to tell of the statements of a flight that were run. */
export function statementEvents(
  backendPid: number,
  parts: readonly FlightPart[],
  { written, failure, sentAt }: FlightReport,
): PoolEvents['statement'][] {
  const tookMs = monotonicMs() - sentAt
  const counted = parts.filter((part) => !('closePortal' in part))
  const run = failure === undefined ? counted : counted.slice(0, failure.at + 1)
  return run.flatMap((part, at) => {
    if (!('text' in part)) return []
    const { text, values = [] } = part
    const rows = written.answers[at]?.rows.length ?? 0
    const event = { backendPid, text, parameters: values.length, tookMs, rows }
    const error = failure?.at === at && failure.error instanceof Error ? failure.error : undefined
    return [error === undefined ? event : { ...event, error }]
  })
}
