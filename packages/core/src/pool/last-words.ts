import type { EventEmitter } from 'node:events'
import type { AquiferError } from '../errors/aquifer-error.ts'
import { fromDriver } from '../errors/from-driver.ts'

/**
 * Why a connection has ended: what the server said last, if it was not ready again after it. The driver hands that to the
 * statement under way, and says of the connection only that it was terminated.
 */
export class LastWords {
  #said: unknown

  constructor(connection: EventEmitter) {
    connection.on('errorMessage', (said: unknown) => {
      this.#said = said
    })
    connection.on('readyForQuery', () => {
      this.#said = undefined
    })
  }

  /** The error of a connection that ended with `error`. */
  endedBy(error: unknown): AquiferError {
    const said = fromDriver(this.#said ?? error)
    // A refusal of one statement is no reason to end.
    return said.kind === 'connection' ? said : fromDriver(error)
  }
}
