import { CancelledError, TimeoutError } from '../errors/timeout-error.ts'
import { after } from '../time/clock.ts'
import { Deadline } from '../time/deadline.ts'

/** What ends the waiting of everything under it. */
export interface Bounds {
  readonly deadline?: Deadline | undefined
  readonly signal?: AbortSignal | undefined
}

/** The nearer deadline, and whichever signal fires first. */
export function both(outer: Bounds | undefined, inner: Bounds): Bounds {
  if (outer === undefined) return inner
  const { deadline } = inner
  return {
    deadline: deadline === undefined ? outer.deadline : Deadline.earlier(deadline, outer.deadline),
    signal: anySignal(outer.signal, inner.signal),
  }
}

/** One signal for two. */
export function anySignal(
  first: AbortSignal | undefined,
  second: AbortSignal | undefined,
): AbortSignal | undefined {
  return first !== undefined && second !== undefined
    ? AbortSignal.any([first, second])
    : (first ?? second)
}

/**
 * Looks once more at the end of a part that has bounds of its own.
 *
 * @throws {TimeoutError} `DEADLINE_EXCEEDED`; {CancelledError} `CANCELLED`
 */
export function assertWithin({ deadline, signal }: Bounds): void {
  if (signal?.aborted === true)
    throw new CancelledError('the caller gave up before this part of the unit had ended', {
      cause: signal.reason,
    })
  if (deadline?.expired === true)
    throw new TimeoutError(
      'DEADLINE_EXCEEDED',
      'the deadline passed before this part of the unit had ended',
    )
}

/**
 * Waits for a turn.
 *
 * @throws {TimeoutError} `DEADLINE_EXCEEDED`; {CancelledError} `CANCELLED`
 */
export async function turnOf(turn: Promise<unknown>, bounds: Bounds): Promise<void> {
  const { deadline, signal } = bounds
  const end = Promise.withResolvers<never>()
  const onAbort = () =>
    end.reject(
      new CancelledError('the caller gave up while it waited for an open savepoint to end', {
        cause: signal?.reason,
      }),
    )
  const limit = deadline && after(deadline.remainingMs, () => end.reject(tooLate()))
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted === true) onAbort()
  try {
    await Promise.race([turn, end.promise])
  } finally {
    limit?.cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}

function tooLate(): TimeoutError {
  return new TimeoutError(
    'DEADLINE_EXCEEDED',
    'the deadline passed while an open savepoint was waited for',
  )
}
