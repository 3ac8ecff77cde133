import type { InnerAcquireOptions } from './acquire-options.ts'
import type { Answers } from './answer.ts'
import { firstFlight } from './first-flight.ts'
import type { FlightPart } from './flight-writer.ts'
import { allAnswers } from './flown.ts'
import { Multiplexer } from './multiplexer.ts'
import type { Pool } from './pool.ts'

/** Runs single statements outside of any transaction: on any connection, or over shared ones if the profile multiplexes. */
export class Alone {
  readonly #pool: Pool
  readonly #multiplexer: Multiplexer | undefined

  constructor(pool: Pool) {
    this.#pool = pool
    const { multiplex } = pool.settings
    this.#multiplexer = multiplex && new Multiplexer(pool, multiplex.connections)
  }

  /**
   * Sends `parts` under one Sync; the connection is free again with their answer.
   *
   * @throws as `pool.acquire` and `lease.run` do
   */
  async run(parts: readonly FlightPart[], options: InnerAcquireOptions): Promise<Answers> {
    const [statement] = parts
    if (
      this.#multiplexer !== undefined &&
      parts.length === 1 &&
      statement !== undefined &&
      'text' in statement &&
      statement.shareable === true
    )
      return this.#multiplexer.run(statement, options)
    const { lease, flown } = await firstFlight(this.#pool, parts, options)
    lease.release()
    return allAnswers(flown)
  }
}
