import type { ReaderFactory, ResultField } from './row-reader.ts'
import type { StatementFacts } from './statement-facts.ts'

/** What a statement is sent as. */
export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[] | undefined
  /** What its rows are made into. @default objects under the server's names */
  readonly rows?: ReaderFactory | undefined
  /** What is known of its text, if the caller has it at hand. */
  readonly facts?: StatementFacts | undefined
  /** Running it twice does no harm. @default false */
  readonly safeRead?: boolean | undefined
  /** It is one statement and sets no state, so that it may share a connection with other callers'. @default false */
  readonly shareable?: boolean | undefined
  /** Leaves the result open on the server under this name and brings its first rows; only in a transaction. */
  readonly portal?: Portal | undefined
}

/** A result that is read piece by piece. */
export interface Portal {
  readonly name: string
  /** How many rows come at once. */
  readonly maxRows: number
}

/** The answer to one statement. */
export interface StatementResult {
  /** The command tag's first word, as INSERT or COMMIT; null for an empty text. */
  readonly command: string | null
  readonly rowCount: number | null
  // The shape of a row is the caller's business; see Statement.rows.
  readonly rows: unknown[]
  readonly fields: readonly ResultField[]
  /** More rows wait behind the portal. */
  readonly suspended: boolean
}

/** The answer to a statement whose rows are objects, as pg gives it. */
export interface QueryResult<Row> {
  readonly command: string
  readonly rowCount: number | null
  readonly rows: Row[]
}
