import { MigrationError } from '../migration-error.ts'
import type { Direction } from './event.ts'
import type { Connection } from './version-table.ts'

/** The row that stands for a revision as a whole. */
const WHOLE = 0

/** Notes, before anything else is done, that a revision begins outside a transaction. */
export async function journalStart(
  connection: Connection,
  revisionId: string,
  direction: Direction,
): Promise<void> {
  await connection.query(
    `insert into aquifer.revision_statement (revision_id, direction, position) values ($1, $2, $3)
     on conflict (revision_id, direction, position)
     do update set started_at = default, finished_at = null, started_by = default`,
    [revisionId, direction, WHOLE],
  )
}

/** Notes that it ended well; belongs into one transaction with the change of `aquifer.revision`. */
export async function journalFinish(
  connection: Connection,
  revisionId: string,
  direction: Direction,
): Promise<void> {
  await connection.query(
    `update aquifer.revision_statement set finished_at = clock_timestamp()
     where revision_id = $1 and direction = $2 and position = $3`,
    [revisionId, direction, WHOLE],
  )
}

/**
 * Stops if a revision that ran outside a transaction was started and has not finished: what it had done by then is in the database.
 *
 * @throws {MigrationError} `REVISION_IN_DOUBT`
 */
export async function assertNoneInDoubt(
  connection: Connection,
  nameOf: (revisionId: string) => string,
): Promise<void> {
  const { rows } = await connection.query<{
    revision_id: string
    direction: Direction
    started_at: Date
    started_by: string
  }>(
    `select revision_id, direction, started_at, started_by from aquifer.revision_statement
     where finished_at is null order by started_at limit 1`,
  )
  const [row] = rows
  if (row === undefined) return
  const { revision_id: id, direction, started_at, started_by } = row
  throw new MigrationError(
    'REVISION_IN_DOUBT',
    `${nameOf(id)} runs outside a transaction and was interrupted on its way ${direction} (started ${started_at.toISOString()} by ${started_by}): ` +
      'what it had done by then is in the database. Bring that part back by hand to what it was before (an invalid index is dropped), then say so with: ' +
      `delete from aquifer.revision_statement where revision_id = '${id}' and finished_at is null`,
    { revisions: [id], outcome: 'unknown' },
  )
}
