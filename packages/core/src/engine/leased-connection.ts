import type { QueryResult } from 'kysely'
import { isAquiferError } from '../errors/aquifer-error.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { StatementResult } from '../pool/backend.ts'
import type { Lease } from '../pool/lease.ts'
import type { Deadline } from '../time/deadline.ts'
import { EngineConnection } from './connection.ts'
import type { NameMapping } from './name-mapping.ts'

/** A connection of its own for one statement, one stream or one Kysely transaction. */
export class LeasedConnection extends EngineConnection {
  readonly lease: Lease
  readonly #deadline: Deadline
  #ending = false

  constructor(lease: Lease, names: NameMapping, deadline: Deadline) {
    super((statement, signal) => {
      if (this.#ending) throw transactionEnded()
      return lease.run(statement, { deadline, signal })
    }, names)
    this.lease = lease
    this.#deadline = deadline
  }

  /** Runs a statement of transaction control. */
  run(text: string): Promise<StatementResult> {
    return this.lease.run({ text }, { deadline: this.#deadline })
  }

  /** Ends the transaction; from now on the connection refuses every other statement. */
  async end(how: 'commit' | 'rollback'): Promise<StatementResult> {
    this.#ending = true
    try {
      return await this.run(how)
    } catch (error) {
      if (how === 'commit' && isAquiferError(error) && error.outcome === 'unknown')
        throw outcomeUnknown(error)
      throw error
    }
  }

  /** A server-side cursor lives in a transaction; a stream outside of one opens its own. */
  override async *streamQuery<Row>(
    ...request: Parameters<EngineConnection['streamQuery']>
  ): AsyncIterableIterator<QueryResult<Row>> {
    const alone = this.lease.transactionStatus === 'I'
    if (alone) await this.run('begin')
    try {
      yield* super.streamQuery<Row>(...request)
    } finally {
      if (alone && this.lease.usable) await this.run('commit')
    }
  }
}

/** The error of a COMMIT whose answer never came. */
export function outcomeUnknown(cause: unknown): TransactionError {
  return new TransactionError(
    'COMMIT_OUTCOME_UNKNOWN',
    'the connection broke while COMMIT was on its way: the writes may or may not have been applied. Look before you repeat them',
    { cause, outcome: 'unknown' },
  )
}

function transactionEnded(): UsageError {
  return new UsageError(
    'SESSION_CLOSED',
    'the transaction has ended: await every statement before its callback returns',
  )
}
