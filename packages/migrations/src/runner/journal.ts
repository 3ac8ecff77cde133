import { isAquiferError } from '@aquifer/core'
import type { QueryResult } from 'kysely'
import type { Revision } from '../revision/revision.ts'
import type { Direction } from './event.ts'
import { inDoubt } from './in-doubt.ts'
import { type KeptResult, keptResult } from './kept-result.ts'
import type { Connection } from './version-table.ts'

/** The row that stands for a revision as a whole. */
const WHOLE = 0

/** A statement of a revision as the journal knows it. */
export interface JournalEntry {
  readonly position: number
  readonly statement: string
  readonly finished: boolean
  /** Present if it has finished. */
  readonly result?: KeptResult
}

/** A revision that was begun outside a transaction and has not finished. */
export interface Interrupted {
  readonly id: string
  readonly direction: Direction
  readonly startedAt: Date
  readonly startedBy: string
  /** Of its file, then; null if an older version of the journal began it. */
  readonly checksum: string | null
  /** Its file was edited since, and that was said to be right. */
  readonly accepted: boolean
  readonly statements: readonly JournalEntry[]
}

const READ = `select revision_id as id, direction, position, statement, started_at as "startedAt", started_by as "startedBy",
    finished_at is not null as finished, result, checksum, accepted
  from aquifer.revision_statement statement
  where exists (
    select from aquifer.revision_statement whole
    where (whole.revision_id, whole.direction, whole.position) = (statement.revision_id, statement.direction, ${WHOLE})
      and whole.finished_at is null)
  order by started_at, position`

interface Row extends Omit<Interrupted, 'statements'> {
  readonly position: number
  readonly statement: string | null
  readonly finished: boolean
  readonly result: KeptResult | null
}

/** The revisions that were begun outside a transaction and have not finished; hardly ever more than one. */
export async function readInterrupted(connection: Connection): Promise<Interrupted[]> {
  const rows = await connection.query<Row>(READ).then(({ rows }) => rows, noneIfNoTable)
  return rows
    .filter(({ position }) => position === WHOLE)
    .map(({ position: _, statement: _text, finished: _finished, result: _result, ...whole }) => ({
      ...whole,
      statements: rows
        .filter((row) => row.id === whole.id && row.direction === whole.direction)
        .flatMap(({ position, statement, finished, result }) =>
          position === WHOLE || statement === null
            ? []
            : { position, statement, finished, ...(result && { result }) },
        )
        .sort((a, b) => a.position - b.position),
    }))
}

function noneIfNoTable(error: unknown): Row[] {
  // Undefined table or, where an older version made it, undefined column.
  if (isAquiferError(error) && /^42(P01|703)$/.test(error.sqlState ?? '')) return []
  throw error
}

/** Forgets all that the journal holds of a revision in one direction. */
export async function forgetJournal(
  connection: Connection,
  id: string,
  direction: Direction,
): Promise<void> {
  await connection.query(
    `delete from aquifer.revision_statement where revision_id = $1 and direction = $2`,
    [id, direction],
  )
}

/** Says that the edited file of an interrupted revision is the one to go on with. */
export async function acceptFile(
  connection: Connection,
  { id, checksum }: Revision,
): Promise<void> {
  await connection.query(
    `update aquifer.revision_statement set checksum = $2, accepted = true
     where revision_id = $1 and position = ${WHOLE} and finished_at is null`,
    [id, checksum],
  )
}

/** Says of a statement that was started whether it has taken effect. */
export async function settleStatement(
  connection: Connection,
  { id, direction }: Pick<Interrupted, 'id' | 'direction'>,
  position: number,
  effect: 'done' | 'again',
): Promise<void> {
  const where = `where revision_id = $1 and direction = $2 and position = $3`
  const statement =
    effect === 'done'
      ? `update aquifer.revision_statement set finished_at = clock_timestamp() ${where}`
      : `delete from aquifer.revision_statement ${where}`
  await connection.query(statement, [id, direction, position])
}

/** What one run of a revision outside a transaction has done, statement by statement. */
export class Journal {
  readonly #connection: Connection
  readonly #revision: Revision
  readonly #direction: Direction
  readonly #left: JournalEntry[]
  readonly #byText: boolean
  #last: number

  private constructor(
    connection: Connection,
    revision: Revision,
    direction: Direction,
    interrupted: Interrupted | undefined,
  ) {
    this.#connection = connection
    this.#revision = revision
    this.#direction = direction
    this.#left = [...(interrupted?.statements ?? [])]
    this.#byText = interrupted?.accepted === true
    this.#last = this.#byText ? Math.max(0, ...this.#left.map(({ position }) => position)) : 0
  }

  /** Goes on with the run that was interrupted, or notes that one begins before anything else is done. */
  static async open(
    connection: Connection,
    revision: Revision,
    direction: Direction,
    interrupted: Interrupted | undefined,
  ): Promise<Journal> {
    if (interrupted === undefined) {
      await connection.query(
        `with old as (delete from aquifer.revision_statement where revision_id = $1 and direction = $2 and position > ${WHOLE})
         insert into aquifer.revision_statement (revision_id, direction, position, checksum) values ($1, $2, ${WHOLE}, $3)
         on conflict (revision_id, direction, position)
         do update set started_at = default, finished_at = null, started_by = default, checksum = $3, accepted = false`,
        [revision.id, direction, revision.checksum],
      )
    }
    return new Journal(connection, revision, direction, interrupted)
  }

  /**
   * What is known of the next statement.
   *
   * @throws {MigrationError} `REVISION_IN_DOUBT` if another statement stood in its place when the revision was interrupted
   */
  next(text: string): Pick<JournalEntry, 'position'> & Partial<JournalEntry> {
    if (this.#byText) {
      const index = this.#left.findIndex(({ statement }) => statement === text)
      if (index >= 0) return this.#left.splice(index, 1)[0] as JournalEntry
      this.#last += 1
      return { position: this.#last }
    }
    this.#last += 1
    const position = this.#last
    const entry = this.#left[0]?.position === position ? this.#left.shift() : undefined
    if (entry === undefined) return { position }
    if (entry.statement === text) return entry
    throw inDoubt(this.#revision, this.#direction, {
      position,
      statement: entry.statement,
      reason: 'the file issues another one in its place now',
    })
  }

  /** Notes that a statement is about to run, before it does. */
  async start(position: number, text: string): Promise<void> {
    await this.#connection.query(
      `insert into aquifer.revision_statement (revision_id, direction, position, statement) values ($1, $2, $3, $4)
       on conflict (revision_id, direction, position) do nothing`,
      [this.#revision.id, this.#direction, position, text],
    )
  }

  /** Notes that a statement which was started has ended well. */
  async finish(position: number): Promise<void> {
    await settleStatement(
      this.#connection,
      { id: this.#revision.id, direction: this.#direction },
      position,
      'done',
    )
  }

  /** Takes back that a statement was started: the server has refused it whole. */
  async forget(position: number): Promise<void> {
    await settleStatement(
      this.#connection,
      { id: this.#revision.id, direction: this.#direction },
      position,
      'again',
    )
  }

  /** Notes, in the transaction of a statement, that it was run and what came of it. */
  async note(
    position: number,
    text: string,
    result: QueryResult<unknown>,
    wrote: boolean,
  ): Promise<void> {
    await this.#connection.query(
      `insert into aquifer.revision_statement (revision_id, direction, position, statement, finished_at, result)
       values ($1, $2, $3, $4, clock_timestamp(), $5)
       on conflict (revision_id, direction, position) do update set finished_at = excluded.finished_at, result = excluded.result`,
      [
        this.#revision.id,
        this.#direction,
        position,
        text,
        JSON.stringify(keptResult(result, wrote)),
      ],
    )
  }

  /** Notes that the revision as a whole has ended well; belongs into one transaction with the change of `aquifer.revision`. */
  async close(): Promise<void> {
    await this.finish(WHOLE)
  }
}
