import { Relay } from '../src/outbox/relay.ts'
import { RedisTransport } from '../src/transport/bullmq-redis.ts'
import type { Transport } from '../src/transport/transport.ts'
import { engineOf, recorder } from './world.ts'

/** What the parent passes as the only argument, as JSON. */
export interface RelayProcessOptions {
  url: string
  redisUrl: string
}

const { url, redisUrl } = JSON.parse(process.argv[2] as string) as RelayProcessOptions
const redis = new RedisTransport(redisUrl)

/** Stops for good between the hand-over and the mark, after it has told its parent. */
const stopsAfterAdding: Transport = {
  async add(jobs) {
    await redis.add(jobs)
    process.send?.('handed over')
    return new Promise(() => {})
  },
  [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
}

new Relay({ engine: engineOf(url), transport: stopsAfterAdding, ...recorder() }).start()
