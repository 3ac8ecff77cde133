import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Statement, StatementResult } from '../pool/backend.ts'
import type { NameMapping } from './name-mapping.ts'

/** Sends one statement and waits for its answer; what stands below a Kysely connection. */
export type Run = (
  statement: Statement,
  signal: AbortSignal | undefined,
) => Promise<StatementResult>

const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** Executes compiled queries through `run` and gives their rows the names that the query was written in. */
export class EngineConnection implements DatabaseConnection {
  readonly #run: Run
  readonly #names: NameMapping
  #cursors = 0

  constructor(run: Run, names: NameMapping) {
    this.#run = run
    this.#names = names
  }

  async executeQuery<Row>(
    compiled: CompiledQuery,
    options: { signal?: AbortSignal } = {},
  ): Promise<QueryResult<Row>> {
    const { sql: text, parameters: values } = compiled
    const result = await this.#run({ text, values, rowMode: 'array' }, options.signal)
    const rows = this.#rowsOf<Row>(compiled, result)
    return WRITES.has(result.command) && result.rowCount !== null
      ? { rows, numAffectedRows: BigInt(result.rowCount) }
      : { rows }
  }

  /**
   * Reads a select through a server-side cursor, `chunkSize` rows per round trip, inside the transaction that is
   * open on this connection.
   */
  async *streamQuery<Row>(
    compiled: CompiledQuery,
    chunkSize: number,
    options: { signal?: AbortSignal } = {},
  ): AsyncIterableIterator<QueryResult<Row>> {
    if (compiled.query.kind !== 'SelectQueryNode') {
      throw new UsageError(
        'STREAM_NOT_SELECT',
        'only a select can be streamed; collect the rows of a write with execute()',
      )
    }
    if (!(chunkSize >= 1)) {
      throw new UsageError(
        'STREAM_CHUNK_SIZE',
        `a stream reads 1 or more rows at a time, got ${chunkSize}`,
      )
    }
    this.#cursors += 1
    const cursor = `aquifer_${this.#cursors}`
    const { signal } = options
    await this.#run(
      {
        text: `declare ${cursor} no scroll cursor for ${compiled.sql}`,
        values: compiled.parameters,
      },
      signal,
    )
    try {
      for (;;) {
        const result = await this.#run(
          { text: `fetch ${chunkSize} from ${cursor}`, rowMode: 'array' },
          signal,
        )
        if (result.rows.length === 0) return
        yield { rows: this.#rowsOf<Row>(compiled, result) }
      }
    } finally {
      await this.#run({ text: `close ${cursor}` }, undefined).catch(() => {})
    }
  }

  #rowsOf<Row>(compiled: CompiledQuery, result: StatementResult): Row[] {
    const names = this.#names.resultNames(
      compiled.queryId,
      result.fields.map((field) => field.name),
    )
    return (result.rows as unknown[][]).map((values) => rowOf<Row>(names, values))
  }
}

function rowOf<Row>(names: readonly string[], values: readonly unknown[]): Row {
  const row: Record<string, unknown> = {}
  for (let column = 0; column < names.length; column += 1)
    row[names[column] as string] = values[column]
  return row as Row
}
