import type { JobLogger } from '../job-logger.ts'
import { Relay, type RelayHealth } from '../outbox/relay.ts'
import { Sweeper } from '../outbox/sweeper.ts'
import { RedisTransport } from '../transport/bullmq-redis.ts'
import type { JobsEngine } from '../unit.ts'

/** What a keeper is told. */
export interface OutboxKeeperOptions {
  readonly engine: JobsEngine
  /** Where the relay hands jobs over; without one only the inbox needs looking after. */
  readonly redisUrl: string | undefined
  readonly limits: { readonly sweepEveryMs?: number; readonly handAgainAfterMs?: number }
  readonly logger: JobLogger
}

/** Relay and sweeper of one worker process, running from the start. */
export class OutboxKeeper {
  readonly #transport: RedisTransport | undefined
  readonly #relay: Relay | undefined
  readonly #sweeper: Sweeper

  constructor({ engine, redisUrl, limits, logger }: OutboxKeeperOptions) {
    if (redisUrl !== undefined) {
      const onError = (error: Error) =>
        logger.debug({ err: error }, 'the connection to Redis failed')
      this.#transport = new RedisTransport(redisUrl, onError)
      this.#relay = new Relay({ engine, transport: this.#transport, logger })
    }
    const { sweepEveryMs, handAgainAfterMs } = limits
    this.#sweeper = new Sweeper({
      engine,
      logger,
      onGivenBack: () => this.#relay?.ring(),
      ...(sweepEveryMs !== undefined && { everyMs: sweepEveryMs }),
      ...(handAgainAfterMs !== undefined && { handAgainAfterMs }),
    })
    this.#relay?.start()
    this.#sweeper.start()
  }

  health(): { relay?: RelayHealth } {
    return this.#relay === undefined ? {} : { relay: this.#relay.health() }
  }

  /** Claims nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    await Promise.all([this.#relay?.stop(), this.#sweeper.stop()])
  }

  async close(): Promise<void> {
    await this.#transport?.[Symbol.asyncDispose]()
  }
}
