import { AsyncResource } from 'node:async_hooks'
import { EventEmitter } from 'node:events'

/** Why a connection was closed. */
export type CloseReason =
  | 'lost'
  | 'notClean'
  | 'overflow'
  | 'lifetime'
  | 'failedPing'
  | 'poolClosed'
  | 'asked'

/** The events of a pool and what each carries. Listening changes nothing and may not veto. */
export interface PoolEvents {
  /** A connection was opened. */
  connect: { backendPid: number; tookMs: number }
  /** A connection could not be opened. */
  connectFailed: { error: Error }
  /** A lease was handed out, after `waitedMs`. */
  checkout: { backendPid: number; waitedMs: number }
  /** A lease came back, held for `heldMs`. */
  checkin: { backendPid: number; heldMs: number }
  /** A connection left the pool. */
  close: { backendPid: number; reason: CloseReason; error?: Error }
  /** A caller has to wait; `waiting` counts it. */
  wait: { waiting: number }
  /** A caller was turned away. */
  timeout: { waitedMs: number; waiting: number }
  /** A hook that runs after the end of a unit of work failed; the unit's outcome stands. */
  hookFailed: { error: unknown }
}

/** A typed emitter. A listener may not veto: what it throws becomes a process warning. */
export class Events<Map extends object> {
  readonly #emitter = new EventEmitter()

  /** Calls `listener` for each event of this name; the result takes it off again. */
  on<Name extends keyof Map & string>(
    name: Name,
    listener: (event: Map[Name]) => void,
  ): () => void {
    const bound = AsyncResource.bind((event: Map[Name]) => {
      try {
        listener(event)
      } catch (error) {
        process.emitWarning(`a listener of the event ${name} threw: ${error}`, 'AquiferWarning')
      }
    })
    this.#emitter.on(name, bound)
    return () => {
      this.#emitter.off(name, bound)
    }
  }

  emit<Name extends keyof Map & string>(name: Name, event: Map[Name]): void {
    this.#emitter.emit(name, event)
  }
}
