import { type ErrorKind, isAquiferError, type Outcome } from '@aquifer/core'
import { MigrationError } from '../migration-error.ts'
import { lineIn } from '../revision/line-in.ts'
import type { Revision } from '../revision/revision.ts'
import { type Blocker, describeBlocker } from './blocked.ts'
import type { Direction } from './event.ts'

/** The attempts to get a lock that others held. */
export interface Blocked {
  readonly attempts: number
  readonly by: readonly Blocker[]
}

/** The error for a revision that did not get through; it names the line of its file, if that is known. */
export function revisionFailed(
  revision: Revision,
  direction: Direction,
  cause: unknown,
  blocked?: Blocked,
): MigrationError {
  const typed = isAquiferError(cause) ? cause : undefined
  const reason = cause instanceof Error ? cause.message : String(cause)
  const line = lineIn(revision.file, cause)
  const outcome = outcomeOf(revision, typed?.code)
  const retryable = blocked !== undefined || (outcome === 'rolledBack' && typed?.retryable === true)
  return new MigrationError(
    'REVISION_FAILED',
    `${revision.name} failed on its way ${direction}${line === undefined ? '' : `, line ${line}`}: ${reason}` +
      `${typed?.sqlState === undefined ? '' : ` (SQLSTATE ${typed.sqlState})`}${blocked === undefined ? '' : inTheWay(blocked)}. ${advice(revision, outcome, typed?.kind)}`,
    {
      cause,
      outcome,
      retryable,
      revisions: [revision.id],
      ...(typed?.sqlState !== undefined && { sqlState: typed.sqlState }),
    },
  )
}

function outcomeOf(revision: Revision, code: string | undefined): Outcome {
  return revision.transaction && code !== 'COMMIT_OUTCOME_UNKNOWN' ? 'rolledBack' : 'unknown'
}

/** What ends without any change of the file. */
const PASSING = new Set<ErrorKind | undefined>([
  'cancelled',
  'connection',
  'deadlock',
  'overload',
  'resource',
  'serialization',
  'timeout',
])

function advice(revision: Revision, outcome: Outcome, kind: ErrorKind | undefined): string {
  if (!revision.transaction) {
    return 'It runs outside a transaction: what it had done by then is in the database and in the journal. Run the command again to go on from there'
  }
  if (outcome === 'unknown') return 'Whether it was applied is not known: look with aquifer current'
  return PASSING.has(kind)
    ? 'It was rolled back; run the command again'
    : 'It was rolled back; correct the file and run the command again'
}

function inTheWay({ attempts, by }: Blocked): string {
  const times = attempts === 1 ? 'at the only attempt' : `at each of ${attempts} attempts`
  const [first] = by
  if (first === undefined) return `, ${times}`
  const others = by.length > 1 ? ` and ${by.length - 1} more` : ''
  return `, ${times}: held by ${describeBlocker(first)}${others}; wait for it, or end it with: select pg_terminate_backend(${first.pid})`
}
