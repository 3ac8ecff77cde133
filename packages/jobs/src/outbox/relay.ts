import { backoffMs, type Lease } from '@aquifer/core'
import type { JobLogger } from '../job-logger.ts'
import type { Transport } from '../transport/transport.ts'
import type { JobsEngine } from '../unit.ts'
import { claimFromOutbox, markHandedOver, OUTBOX_CHANNEL } from './outbox.ts'
import { WakeUp } from './wake-up.ts'

/** What a relay is told. */
export interface RelayOptions {
  readonly engine: JobsEngine
  readonly transport: Transport
  readonly logger: JobLogger
  /** Jobs per transaction. @default 500 */
  readonly batch?: number
  /** Longest pause between looks at the outbox, should a notice be lost. @default 2000 */
  readonly pollMs?: number
}

/** What a relay has done, and whether it gets on. */
export interface RelayHealth {
  readonly handedOver: number
  /** Failed looks since the last one that worked. */
  readonly failures: number
  readonly listening: boolean
}

const LONGEST_PAUSE_MS = 5_000

/**
 * Carries jobs out of the outbox into the queue: claims a batch, adds it, remembers that, commits.
 * A crash in between undoes the claim, and the queue knows the ids of what it was given already.
 * Any number of relays may run.
 */
export class Relay {
  readonly #options: Required<RelayOptions>
  readonly #wakeUp = new WakeUp()
  #running: Promise<unknown> | undefined
  #stopping = false
  #handedOver = 0
  #failures = 0
  #lease: Lease | undefined

  constructor(options: RelayOptions) {
    this.#options = { batch: 500, pollMs: 2_000, ...options }
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Lets it look at once. */
  ring(): void {
    this.#wakeUp.ring()
  }

  /** Claims nothing more and waits for the batch under way. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#wakeUp.ring()
    await this.#running
    this.#lease?.release('destroy')
    this.#lease = undefined
  }

  health(): RelayHealth {
    return {
      handedOver: this.#handedOver,
      failures: this.#failures,
      listening: this.#lease !== undefined,
    }
  }

  async #run(): Promise<void> {
    const { batch, pollMs, logger } = this.#options
    while (!this.#stopping) {
      try {
        await this.#listen()
        const count = await this.#handOver()
        if (this.#failures > 0) logger.info({ failures: this.#failures }, 'the relay gets on again')
        this.#failures = 0
        this.#handedOver += count
        if (count < batch) await this.#wakeUp.wait(pollMs)
      } catch (error) {
        this.#failures += 1
        if (this.#failures === 1)
          logger.warn({ err: error }, 'the relay cannot hand jobs over; they wait in the outbox')
        await this.#pause()
      }
    }
  }

  /** A pause that notices do not end: while the queue is away each committed job would end it. */
  async #pause(): Promise<void> {
    const end =
      performance.now() +
      50 +
      backoffMs(Math.min(this.#failures, 16), { baseMs: 200, capMs: LONGEST_PAUSE_MS })
    for (let left = 1; left > 0 && !this.#stopping; left = end - performance.now())
      await this.#wakeUp.wait(left)
  }

  async #handOver(): Promise<number> {
    const { engine, transport, batch } = this.#options
    return engine.session(async (session) => {
      const jobs = await claimFromOutbox(session, batch)
      if (jobs.length === 0) return 0
      const dropped = await transport.add(jobs)
      await markHandedOver(
        session,
        jobs.map(({ id }) => id),
        dropped,
      )
      return jobs.length
    })
  }

  async #listen(): Promise<void> {
    if (this.#lease !== undefined) return
    const lease = await this.#options.engine.acquire({ dedicated: true })
    try {
      lease.onNotification(() => this.#wakeUp.ring())
      lease.onLost(() => {
        this.#lease = undefined
        lease.release('destroy')
        this.#wakeUp.ring()
      })
      await lease.query(`listen ${OUTBOX_CHANNEL}`)
      this.#lease = lease
    } catch (error) {
      lease.release('destroy')
      throw error
    }
  }
}
