import {
  type CompiledQuery,
  type ConnectionProvider,
  DefaultQueryExecutor,
  type DialectAdapter,
  type KyselyPlugin,
  type QueryCompiler,
  type QueryId,
  type QueryResult,
} from 'kysely'
import type { QueryOptions } from './flown.ts'
import type { KyselyScope } from './kysely-scope.ts'

/** Where an executor's queries go. */
export interface QueryRunner {
  execute<Row>(compiled: CompiledQuery, options: QueryOptions): Promise<QueryResult<Row>>
  stream<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: QueryOptions,
  ): AsyncIterableIterator<QueryResult<Row>>
  /** What queries that are sent now have in common if they run in one place: their session, or the engine outside of every one. */
  place(): object
  /** Gives Kysely a connection for a transaction or `db.connection()`. */
  readonly provider: ConnectionProvider
}

const NO_OPTIONS: QueryOptions = {}

/** What an executor stands on. */
export interface ExecutorParts {
  readonly runner: QueryRunner
  readonly scope: KyselyScope
  readonly adapter: DialectAdapter
  /** Writes names in snake_case. */
  readonly compiler: QueryCompiler
  /** Writes names as they are; what `withoutPlugins()` gets. */
  readonly plainCompiler: QueryCompiler
}

/**
 * Kysely's executor over our runner: no connection is taken, wrapped and given back for a single statement, and a signal goes all the
 * way to the server instead of being raced against it.
 */
export class EngineExecutor extends DefaultQueryExecutor {
  readonly #parts: ExecutorParts

  constructor(parts: ExecutorParts, plugins: readonly KyselyPlugin[] = []) {
    super(parts.compiler, parts.adapter, parts.runner.provider, [...plugins])
    this.#parts = parts
  }

  /** Where its queries run. */
  get place(): object {
    return this.#parts.runner.place()
  }

  override executeQuery<Row>(
    compiled: CompiledQuery,
    options: QueryOptions = NO_OPTIONS,
  ): Promise<QueryResult<Row>> {
    const result = this.#parts.runner.execute<Row>(compiled, options)
    return this.plugins.length === 0
      ? result
      : result.then((plain) => this.#transform(plain, compiled.queryId, options))
  }

  override async *stream<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: QueryOptions = {},
  ): AsyncIterableIterator<QueryResult<Row>> {
    for await (const result of this.#parts.runner.stream<Row>(compiled, chunkSize, options))
      yield await this.#transform(result, compiled.queryId, options)
  }

  override withPlugins(plugins: readonly KyselyPlugin[]): EngineExecutor {
    return new EngineExecutor(this.#parts, [...this.plugins, ...plugins])
  }

  override withPlugin(plugin: KyselyPlugin): EngineExecutor {
    return this.withPlugins([plugin])
  }

  override withPluginAtFront(plugin: KyselyPlugin): EngineExecutor {
    return new EngineExecutor(this.#parts, [plugin, ...this.plugins])
  }

  override withConnectionProvider(provider: ConnectionProvider): EngineExecutor {
    const runner = runnerOver(provider, this.#parts.scope)
    return new EngineExecutor({ ...this.#parts, runner }, this.plugins)
  }

  override withoutPlugins(): EngineExecutor {
    return new EngineExecutor({ ...this.#parts, compiler: this.#parts.plainCompiler })
  }

  async #transform<Row>(
    result: QueryResult<Row>,
    queryId: QueryId,
    { signal }: QueryOptions,
  ): Promise<QueryResult<Row>> {
    let transformed = result as QueryResult<Record<string, unknown>>
    for (const plugin of this.plugins) {
      const args = { queryId, result: transformed, ...(signal && { signal }) }
      transformed = await plugin.transformResult(args)
    }
    return transformed as QueryResult<Row>
  }
}

/**
 * Sends everything over the one connection that `provider` gives, as inside of a Kysely transaction. A stream does not keep it from the
 * others: Kysely would let them wait for its end, which in the stream's own loop never comes.
 */
function runnerOver(provider: ConnectionProvider, scope: KyselyScope): QueryRunner {
  return {
    provider: {
      provideConnection: (consumer, options) =>
        provider.provideConnection(
          (connection) => scope.enter(connection, () => consumer(connection)),
          options,
        ),
    },
    place: () => provider,
    execute: (compiled, options) =>
      provider.provideConnection((connection) => connection.executeQuery(compiled, { ...options })),
    async *stream(compiled, chunkSize, options) {
      const connection = await provider.provideConnection(async (given) => given)
      yield* connection.streamQuery(compiled, chunkSize, { ...options })
    },
  }
}
