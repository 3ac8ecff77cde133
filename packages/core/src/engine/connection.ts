import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { Statement } from '../pool/statement.ts'
import type { EngineCompiler } from './compiler.ts'
import type { Fly, QueryOptions } from './flown.ts'
import type { Context } from './rules.ts'
import { runCompiled } from './run-compiled.ts'
import { type StreamRequest, streamOver } from './stream.ts'

/** Executes compiled queries through `fly` and gives their rows the names that the query was written in. */
export class EngineConnection implements DatabaseConnection {
  readonly compiler: EngineCompiler
  protected readonly fly: Fly
  /** On whose behalf its statements run, if that is known. */
  readonly context: Context | undefined
  #portals = 0

  constructor(fly: Fly, compiler: EngineCompiler, context?: Context) {
    this.fly = fly
    this.compiler = compiler
    this.context = context
  }

  executeQuery<Row>(
    compiled: CompiledQuery,
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    const send = (flight: readonly Statement[]) => this.fly(flight, options.signal)
    return runCompiled<Row>(this.compiler, compiled, { send, context: this.context })
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
    return streamOver<Row>(fly, {
      ...how,
      ...this.compiler.streamOf(compiled, this.context),
      portal,
    })
  }
}
