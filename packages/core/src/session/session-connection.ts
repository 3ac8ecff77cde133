import type { CompiledQuery, QueryResult } from 'kysely'
import { EngineConnection } from '../engine/connection.ts'
import type { EngineCore } from '../engine/engine-core.ts'
import type { Fly, QueryOptions } from '../engine/flown.ts'
import { streamOver } from '../engine/stream.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** What a session's connection stands on. */
export interface ConnectionParts {
  readonly fly: Fly
  /** Resolves when a stream may begin. */
  readonly turn: () => Promise<void>
  readonly unit: UnitOfWork
  readonly core: Pick<EngineCore<unknown>, 'compiler' | 'streamAlone'>
}

/** The connection of one session: its statements run in the unit, and its streams too. */
export class SessionConnection extends EngineConnection {
  readonly #unit: UnitOfWork
  readonly #core: ConnectionParts['core']
  readonly #turn: () => Promise<void>

  constructor({ fly, turn, unit, core }: ConnectionParts) {
    super(fly, core.compiler)
    this.#unit = unit
    this.#core = core
    this.#turn = turn
  }

  override streamQuery<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: QueryOptions = {},
  ): AsyncIterableIterator<QueryResult<Row>> {
    const { deadline, mode } = this.#unit
    return mode === 'autocommit'
      ? this.#core.streamAlone<Row>(compiled, chunkSize, { ...options, deadline })
      : this.#streamInTransaction<Row>(compiled, chunkSize, options.signal)
  }

  async *#streamInTransaction<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    signal: AbortSignal | undefined,
  ): AsyncIterableIterator<QueryResult<Row>> {
    await this.#turn()
    const shape = this.compiler.shapeOf(compiled)
    const request = { compiled, shape, chunkSize, signal, alone: false }
    yield* this.#unit.stream((fly, id) =>
      streamOver<Row>(fly, { ...request, portal: `aquifer_${id}` }),
    )
  }
}
