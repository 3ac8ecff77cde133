/** A timer that can be called off. */
export interface Timer {
  cancel(): void
}

/** Milliseconds that only go forward; their zero point means nothing. */
export function monotonicMs(): number {
  return performance.now()
}

/** Milliseconds since 1970. */
export function nowMs(): number {
  return Date.now()
}

/** The longest delay that a timer takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** A delay that a timer can count: as it is, or 24 days. */
export function countableMs(delayMs: number): number {
  return Math.min(delayMs, LONGEST_DELAY_MS)
}

/** Runs `action` once, `delayMs` from now, at most 24 days. The timer keeps no process alive. */
export function after(delayMs: number, action: () => void): Timer {
  const handle = setTimeout(action, countableMs(delayMs))
  handle.unref()
  return { cancel: () => clearTimeout(handle) }
}

/** As `after`, but the process stays alive for it. */
export function afterAwake(delayMs: number, action: () => void): Timer {
  const handle = setTimeout(action, countableMs(delayMs))
  return { cancel: () => clearTimeout(handle) }
}

/** Runs `action` every `periodMs` until it is called off. The timer keeps no process alive. */
export function every(periodMs: number, action: () => void): Timer {
  const handle = setInterval(action, countableMs(periodMs))
  handle.unref()
  return { cancel: () => clearInterval(handle) }
}

/** Resolves when `work` is settled, or after `limitMs`, whichever comes first. */
export async function settledWithin(limitMs: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const limit = after(limitMs, late.resolve)
  await Promise.race([work.catch(() => {}), late.promise])
  limit.cancel()
}

/** Resolves `delayMs` from now; the process does not stay alive for it. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    after(delayMs, resolve)
  })
}

/** Resolves `delayMs` from now; the process stays alive for it. */
export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs)
  })
}

/** A number in [0, 1). */
export function random(): number {
  return Math.random()
}
