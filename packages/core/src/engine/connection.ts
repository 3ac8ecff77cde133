import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { EngineCompiler } from './compiler.ts'
import type { Fly, QueryOptions } from './flown.ts'
import { runCompiled } from './run-compiled.ts'
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

  executeQuery<Row>(
    compiled: CompiledQuery,
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    return runCompiled<Row>(this.compiler, compiled, (flight) => this.fly(flight, options.signal))
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
    return streamOver<Row>(fly, { ...how, ...this.compiler.streamOf(compiled), portal })
  }
}
