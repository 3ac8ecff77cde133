import type { CompiledQuery, QueryResult } from 'kysely'
import { MigrationError } from '../../migration-error.ts'
import type { Revision } from '../../revision/revision.ts'
import type { Direction } from '../event.ts'
import { withLiterals } from './literal.ts'
import { kyselyOver, type StatementPort } from './port.ts'
import { splitStatements } from './split.ts'

/**
 * The statements that a revision issues, with its parameters as literals; nothing is run. Whatever it reads is empty.
 *
 * @throws {MigrationError} `REVISION_OFFLINE` if it cannot go on without what it reads, or has a parameter that no text stands for
 */
export async function recordStatements(
  revision: Revision,
  direction: Direction,
): Promise<string[]> {
  const port = new RecordedStatements()
  try {
    await revision[direction](kyselyOver(port))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MigrationError(
      'REVISION_OFFLINE',
      `what ${revision.name} does on its way ${direction} cannot be told without running it: ${reason}. It may depend on rows that it reads`,
      { cause, revisions: [revision.id] },
    )
  }
  return port.statements
}

class RecordedStatements implements StatementPort {
  readonly statements: string[] = []

  async run({ sql, parameters }: CompiledQuery): Promise<QueryResult<unknown>> {
    if (parameters.length > 0) this.statements.push(withLiterals(sql, parameters).trim())
    else this.statements.push(...splitStatements(sql))
    return { rows: [] }
  }
}
