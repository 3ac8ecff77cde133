/** The place in the caller's code that an operation was begun from; cheap until it is read. */
export interface CallSite {
  /** As `at createUser (/app/src/users.ts:12:9)`; 'an unknown place' if no frame is the caller's. */
  toString(): string
}

const DEEP_STACK = 30
const FRAMES = 8
// The sources; once they are bundled, the package.
const OWN_FOLDER = new URL('..', import.meta.url)
const NOT_THE_CALLERS =
  /\(?node:|\/node_modules\/(kysely|pg|pg-pool|undici)\/|^\s*at (async |new )?Promise[. ]/

/**
 * Notes where it was called from. The text of the stack is made when somebody asks for it.
 *
 * @param frames how far away the caller may be
 */
export function captureCallSite(frames: number = FRAMES): CallSite {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = frames
  const at: { stack?: string } = {}
  Error.captureStackTrace(at, captureCallSite)
  Error.stackTraceLimit = stackTraceLimit
  return { toString: () => callersFrame(at.stack ?? '') }
}

function callersFrame(stack: string): string {
  const frames = stack.split('\n').slice(1)
  const own = [OWN_FOLDER.href, OWN_FOLDER.pathname]
  const callers = frames.find(
    (frame) => !own.some((folder) => frame.includes(folder)) && !NOT_THE_CALLERS.test(frame),
  )
  return callers?.trim() ?? 'an unknown place'
}

/** For what nobody will look for: noting a place costs more than it is worth there. */
export const nowhere: CallSite = { toString: () => 'an unknown place' }

/** Runs `make` so that an error it makes holds a deep stack: our own frames come first, and the call that matters lies below them. */
export function withDeepStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = Math.max(stackTraceLimit, DEEP_STACK)
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Lets the stack of an error lead on to whoever awaits the caller, where the way there was not one chain of awaits. */
export function leadToCaller(error: unknown): void {
  if (!(error instanceof Error)) return
  const here: { stack?: string } = {}
  withDeepStack(() => Error.captureStackTrace(here, leadToCaller))
  const callers = here.stack?.split('\n').slice(1).join('\n') ?? ''
  if (error.stack?.includes(callers) !== true) error.stack = `${error.stack}\n${callers}`
}
