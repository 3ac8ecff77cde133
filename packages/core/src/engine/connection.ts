import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { lastOf } from '../pool/answer.ts'
import type { EngineCompiler } from './compiler.ts'
import { type Fly, type QueryOptions, resultOf, statementOf } from './flown.ts'
import { type StreamRequest, streamOver } from './stream.ts'

/** Executes compiled queries through `fly` and gives their rows the names that the query was written in. */
export class EngineConnection implements DatabaseConnection {
  readonly compiler: EngineCompiler
  protected readonly fly: Fly
  #portals = 0

  constructor(fly: Fly, compiler: EngineCompiler) {
    this.fly = fly
    this.compiler = compiler
  }

  async executeQuery<Row>(
    compiled: CompiledQuery,
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    const statement = statementOf(compiled, this.compiler.shapeOf(compiled))
    return resultOf<Row>(lastOf(await this.fly([statement], options.signal)))
  }

  /** Reads a select `chunkSize` rows at a time, inside the transaction that is open on this connection. */
  streamQuery<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: QueryOptions = {},
  ): AsyncIterableIterator<QueryResult<Row>> {
    return this.stream<Row>(compiled, { chunkSize, signal: options.signal, alone: false })
  }

  protected stream<Row>(
    compiled: CompiledQuery,
    how: Pick<StreamRequest, 'chunkSize' | 'signal' | 'alone'>,
    fly: Fly = this.fly,
  ): AsyncIterableIterator<QueryResult<Row>> {
    this.#portals += 1
    const portal = `aquifer_${this.#portals}`
    const shape = this.compiler.shapeOf(compiled)
    return streamOver<Row>(fly, { ...how, compiled, shape, portal })
  }
}
