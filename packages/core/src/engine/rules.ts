import { ConstraintError } from '../errors/constraint-error.ts'
import { ContextError } from '../errors/context-error.ts'
import type { Rules } from './rewriter.ts'

/** On whose behalf a unit of work runs. */
export type Context = Readonly<Record<string, string>>

/**
 * Lets a query run only where the context has what it reads.
 *
 * @throws {ContextError} `CONTEXT_REQUIRED`
 */
export function assertContext({ requires }: Rules, context: Context | undefined): void {
  for (const entry of requires) {
    // An empty text is what a setting leaves behind on its connection.
    if (context?.[entry]) continue
    throw new ContextError(
      'CONTEXT_REQUIRED',
      `a query reads rows that belong to a ${entry}, and nothing says to which: open the session with context: { ${entry}: ... }, or lift the scope ` +
        'by name with unscoped()',
    )
  }
}

/** What a failure of such a query means. */
export function ofAnother({ owned }: Rules, error: unknown): unknown {
  if (!(error instanceof ConstraintError) || error.code !== 'NOT_NULL_VIOLATION') return error
  const { column, table, sqlState } = error
  if (column === undefined || !owned.has(column)) return error
  return new ContextError(
    'CONTEXT_MISMATCH',
    `a row of ${table ?? 'a table'} was to be written with a ${column} that is not that of the context: leave it out, or open a session for whom it belongs to`,
    { cause: error, ...(sqlState !== undefined && { sqlState }) },
  )
}
