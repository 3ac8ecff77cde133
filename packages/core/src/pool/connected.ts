import type { QueryResult } from './statement.ts'

/** A new connection as `onConnect` sees it. What is set here stays for the connection's life. */
export interface Connected {
  readonly backendPid: number
  /** Runs one statement, rows as objects. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>
}
