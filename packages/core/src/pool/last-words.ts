import type { EventEmitter } from 'node:events'
import type { AquiferError } from '../errors/aquifer-error.ts'
import { fromDriver, isServerReply, type ServerReply } from '../errors/from-driver.ts'

/** What a server says that ends: by command, after a crash, because it shuts down, or since nobody had asked anything for long. */
const FAREWELLS = new Set(['57P01', '57P02', '57P03', '57P05'])
/** Where a backend ends between its messages. What stands between us and it names no function of the server. */
const ENDS_IN = 'ProcessInterrupts'

/** Whether the server took its leave instead of answering. */
export function isFarewell(error: unknown): boolean {
  return isServerReply(error) && FAREWELLS.has(error.code)
}

/** Whether the backend itself took its leave, behind all that it had answered before. */
export function isOwnFarewell(error: unknown): boolean {
  return isFarewell(error) && (error as ServerReply).routine === ENDS_IN
}

/**
 * Why a connection has ended: what the server said last, if it was not ready again after it. The driver hands that to the
 * statement under way, and says of the connection only that it was terminated.
 */
export class LastWords {
  #said: unknown
  #hasBegun = false

  constructor(connection: EventEmitter) {
    const begin = () => {
      this.#hasBegun = true
    }
    // What the server has done of a flight it says in front of its last words.
    connection.on('parseComplete', begin)
    connection.on('bindComplete', begin)
    connection.on('errorMessage', (said: unknown) => {
      this.#said = said
    })
    connection.on('readyForQuery', () => {
      this.#said = undefined
      this.#hasBegun = false
    })
  }

  /** Whether the server has begun with what it was sent since it was last ready. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** The error of a connection that ended with `error`. */
  endedBy(error: unknown): AquiferError {
    const said = fromDriver(this.#said ?? error)
    // A refusal of one statement is no reason to end.
    return said.kind === 'connection' ? said : fromDriver(error)
  }
}
