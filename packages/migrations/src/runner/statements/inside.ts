import { type Session, UsageError } from '@aquifer/core'
import { CompiledQuery, type QueryResult } from 'kysely'
import { kindOf } from './kind.ts'
import type { StatementPort } from './port.ts'
import type { StatementReporter } from './reporter.ts'
import { splitStatements } from './split.ts'

const NOTHING: QueryResult<unknown> = { rows: [] }

/** Runs the statements of a revision in the transaction of a session, one per message. */
export class InsideStatements implements StatementPort {
  readonly #session: Session<unknown>
  readonly #reporter: StatementReporter

  constructor(session: Session<unknown>, reporter: StatementReporter) {
    this.#session = session
    this.#reporter = reporter
  }

  async run(statement: CompiledQuery): Promise<QueryResult<unknown>> {
    const texts = splitStatements(statement.sql)
    let result = NOTHING
    for (const text of texts) {
      if (/^(begin|commit|rollback)$/.test(text)) throw transactionInside()
      const one = texts.length === 1 ? statement : CompiledQuery.raw(text)
      const run = () => this.#session.db.withoutPlugins().executeQuery(one)
      result =
        kindOf(text) === 'control'
          ? await run()
          : await this.#reporter.around(this.#reporter.next(text), run)
    }
    return result
  }
}

function transactionInside(): UsageError {
  return new UsageError(
    'REVISION_TRANSACTION',
    'the revision runs in one transaction and may not begin or end one: take db as it is, or write `transaction: false` into the header to group statements with db.transaction()',
  )
}
