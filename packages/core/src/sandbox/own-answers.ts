import { Answer, type Answers } from '../pool/answer.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import { countAnswers, type Flown } from '../pool/flown.ts'

/** What became of `parts`, which travelled behind `leading` others and perhaps in front of some. */
export function without(
  { answers, failure }: Flown,
  leading: number,
  parts: readonly FlightPart[],
): Flown {
  const count = countAnswers(parts)
  const own = answers.slice(leading, leading + count)
  if (failure === undefined) return { answers: own, failure }
  const at = Math.min(Math.max(failure.at - leading, 0), Math.max(count - 1, 0))
  return { answers: own, failure: { error: failure.error, at } }
}

/** With the answer to a statement that was not sent as it is in front. */
export function named(command: string, { answers, failure }: Flown): Flown {
  const shifted = failure && { ...failure, at: failure.at + 1 }
  return { answers: [...commandAnswers(command), ...answers], failure: shifted }
}

/** The answer to a statement that was not sent as it is. */
export function answered(command: string): Flown {
  return { answers: commandAnswers(command), failure: undefined }
}

function commandAnswers(command: string): Answers {
  const answer = new Answer()
  answer.command = command
  return [answer]
}
