import type { PgPool } from '@aquifer/core'
import { OUTBOX_CHANNEL } from './outbox.ts'

/**
 * Tells relays that the outbox has new rows. Called after COMMIT, as a NOTIFY inside the
 * transaction would queue all committers behind one lock; many calls at once become one or two
 * statements.
 */
export class OutboxNotice {
  readonly #pool: PgPool
  #sending: Promise<void> | undefined
  #again = false

  constructor(pool: PgPool) {
    this.#pool = pool
  }

  /** Asks for a notice. A lost one costs a relay's polling interval and nothing else. */
  send(): void {
    if (this.#sending === undefined) this.#sending = this.#send()
    else this.#again = true
  }

  /** Resolves when the notices that were asked for are out. */
  async settled(): Promise<void> {
    await this.#sending
  }

  async #send(): Promise<void> {
    do {
      this.#again = false
      await this.#pool.query(`select pg_notify('${OUTBOX_CHANNEL}', '')`).catch(() => {})
    } while (this.#again)
    this.#sending = undefined
  }
}
