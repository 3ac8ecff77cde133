import { after, type Timer } from '../time/clock.ts'

/** What may fall silent. */
interface Audible {
  readonly socket: { readonly bytesRead: number }
  giveUp(why: string): void
}

const LIMIT_MS = 1_000

/**
 * Takes a connection for lost if not one byte comes from its server within a second.
 *
 * A second that the process itself was busy does not count: timers run before what has arrived meanwhile is read, so that it
 * looks once more a turn later.
 */
export function listenFor(backend: Audible): Timer {
  const before = backend.socket.bytesRead
  let timer = after(LIMIT_MS, () => {
    timer = after(1, () => {
      if (backend.socket.bytesRead === before)
        backend.giveUp(`nothing was heard from the server within ${LIMIT_MS} ms`)
    })
  })
  return { cancel: () => timer.cancel() }
}
