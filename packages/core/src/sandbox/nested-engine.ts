import { poolSettingsOf } from '../engine/profile.ts'
import type { Lease } from '../pool/lease.ts'
import { Pool } from '../pool/pool.ts'
import type { PoolSettings } from '../pool/settings.ts'
import { Engine, type Work } from '../session/create-engine.ts'
import type { JsonResult, OnceOptions } from '../session/once.ts'
import type { SessionOptions, TransactionOptions } from '../session/options.ts'
import { Frames } from './frames.ts'
import { Line } from './line.ts'
import { NestedBackend } from './nested-backend.ts'

class NestedEngine<DB> extends Engine<DB> {
  readonly #frames: Frames

  constructor({ profile, models, watch }: Engine<DB>, pool: Pool, frames: Frames) {
    super(profile, { pool, models, watch })
    this.#frames = frames
  }

  override session<T>(fn: Work<DB, T>, options?: SessionOptions): Promise<T> {
    return this.#frames.enter(() => super.session(fn, options))
  }

  override transaction<T>(fn: Work<DB, T>, options?: TransactionOptions): Promise<T> {
    return this.#frames.enter(() => super.transaction(fn, options))
  }

  override once<T>(
    key: string,
    fn: Work<DB, T & JsonResult<T>>,
    options?: OnceOptions,
  ): Promise<T> {
    return this.#frames.enter(() => super.once(key, fn, options))
  }
}

/**
 * An engine like `engine` inside of the transaction that is open on `lease`: its pool lends as many connections as that of `engine` does, and all
 * of them are turns on this one. What it commits stays until the transaction ends.
 *
 * Closing it gives back everything but `lease`.
 */
export function nestedEngine<DB>(engine: Engine<DB>, lease: Lease): Engine<DB> {
  const settings = nestedSettings(poolSettingsOf(engine.profile))
  const frames = new Frames()
  const line = new Line(lease, frames, settings.acquireTimeoutMs)
  let opened = 0
  const pool = new Pool(settings, async (_settings, terms) => {
    if (line.lost !== undefined) throw line.lost
    opened += 1
    return new NestedBackend(line, terms, opened)
  })
  return new NestedEngine<DB>(engine, pool, frames)
}

/** Nobody has to ask turns whether they live, or to prepare them. */
function nestedSettings(settings: PoolSettings): PoolSettings {
  return {
    ...settings,
    prePing: 'never',
    reset: 'auto',
    keepAliveMs: Number.POSITIVE_INFINITY,
    minimum: 0,
    onConnect: undefined,
    multiplex: undefined,
    allowExitOnIdle: false,
  }
}
