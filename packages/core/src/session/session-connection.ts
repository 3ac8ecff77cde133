import { type CompiledQuery, createQueryId, type QueryResult } from 'kysely'
import { EngineConnection } from '../engine/connection.ts'
import type { EngineCore } from '../engine/engine-core.ts'
import type { Fly, QueryOptions } from '../engine/flown.ts'
import { streamOver } from '../engine/stream.ts'
import type { Ambient } from './ambient.ts'
import { type Bounds, both } from './bounds.ts'
import type { UnitWatch } from './query-watch.ts'
import type { SessionUnit } from './session-unit.ts'

/** What a session's connection stands on. */
export interface ConnectionParts {
  readonly unit: SessionUnit
  readonly core: Pick<EngineCore<unknown>, 'compiler' | 'streamAlone'>
  /** What bounds the caller besides the unit. */
  readonly ambient: Pick<Ambient<unknown>, 'bounds'>
  /** Looks at the queries of the unit. */
  readonly watch?: (() => UnitWatch) | undefined
}

/** What a stream waits for, if for anything; throws if it may not begin. */
type StreamTurn = (signal: AbortSignal | undefined) => Promise<void> | undefined

/** The connection of one session: its statements run in the unit, and its streams too. */
export class SessionConnection extends EngineConnection {
  readonly #unit: SessionUnit
  readonly #core: ConnectionParts['core']
  readonly #turn: StreamTurn
  readonly #ambient: ConnectionParts['ambient']
  readonly #watch: ConnectionParts['watch']

  constructor(fly: Fly, turn: StreamTurn, { unit, core, ambient, watch }: ConnectionParts) {
    super(fly, core.compiler, unit.options.context)
    this.#unit = unit
    this.#core = core
    this.#turn = turn
    this.#ambient = ambient
    this.#watch = watch
  }

  override executeQuery<Row>(
    compiled: CompiledQuery,
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    if (this.#watch === undefined) return super.executeQuery<Row>(compiled, options)
    return this.#watch().run<Row>({
      compiled,
      shape: this.compiler.planOf(compiled),
      part: this,
      send: () => super.executeQuery<Row>(compiled, options),
      sendOther: (node) =>
        super.executeQuery(this.compiler.compileQuery(node, createQueryId()), options),
    })
  }

  override async *streamQuery<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: QueryOptions = {},
  ): AsyncIterableIterator<QueryResult<Row>> {
    const { deadline, mode, options: own } = this.#unit
    const around = this.#ambient.bounds
    const turn = this.#turn(options.signal)
    if (turn !== undefined) await turn
    if (mode === 'transaction') {
      yield* this.#streamInTransaction<Row>(compiled, chunkSize, both(around, options))
      return
    }
    const bounds = both(both(around, { deadline, signal: own.signal }), options)
    const how = { ...bounds, deadline: bounds.deadline ?? deadline }
    yield* this.#unit.streamAlone(this.#core.streamAlone<Row>(compiled, chunkSize, how))
  }

  #streamInTransaction<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    bounds: Bounds,
  ): AsyncIterableIterator<QueryResult<Row>> {
    const { signal } = bounds
    const request = {
      ...this.compiler.streamOf(compiled, this.context),
      chunkSize,
      signal,
      alone: false,
    }
    return this.#unit.stream(
      (fly, id) => streamOver<Row>(fly, { ...request, portal: `aquifer_${id}` }),
      bounds,
    )
  }
}
