import { after, type Timer } from '../time/clock.ts'
import type { PoolSettings } from './settings.ts'

/** What may fall silent. */
interface Audible {
  readonly socket: { readonly bytesRead: number }
  giveUp(why: string): void
}

const LIMIT_MS = 1_000
/** A pooler says nothing while all its own connections are busy. */
const POOLER_LIMIT_MS = 10_000

/** How long a server may be silent before it is taken for dead. */
export function silenceLimitMs({ pooler }: Pick<PoolSettings, 'pooler'>): number {
  return pooler === undefined ? LIMIT_MS : POOLER_LIMIT_MS
}

/**
 * Takes a connection for lost if not one byte comes from its server within `limitMs`.
 *
 * Time that the process itself was busy does not count: timers run before what has arrived meanwhile is read, so that it
 * looks once more a turn later.
 */
export function listenFor(backend: Audible, limitMs: number): Timer {
  const before = backend.socket.bytesRead
  let timer = after(limitMs, () => {
    timer = after(1, () => {
      if (backend.socket.bytesRead === before)
        backend.giveUp(`nothing was heard from the server within ${limitMs} ms`)
    })
  })
  return { cancel: () => timer.cancel() }
}
