import { MigrationError } from '../migration-error.ts'
import type { Revision } from '../revision/revision.ts'
import type { Direction } from './event.ts'
import { headOf } from './statement-head.ts'

/** A statement of which it is not known whether it took effect, or which is not the one that was run. */
export interface DoubtfulStatement {
  readonly position: number
  readonly statement: string
  /** Why nobody but a person can tell, as the end of a sentence. */
  readonly reason: string
}

/** The refusal to guess what an interrupted statement has done. */
export function inDoubt(
  { id, name }: Pick<Revision, 'id' | 'name'>,
  direction: Direction,
  { position, statement, reason }: DoubtfulStatement,
): MigrationError {
  return new MigrationError(
    'REVISION_IN_DOUBT',
    `${name} was interrupted on its way ${direction} at statement ${position} (${headOf(statement)}), and ${reason}. Look what is in the database, then go on with ` +
      `aquifer repair ${id} --finish --statement done if it has taken effect, --finish --statement again if it has not, or go back with aquifer repair ${id} --undo`,
    { revisions: [id], outcome: 'unknown' },
  )
}
