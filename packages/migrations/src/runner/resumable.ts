import { MigrationError } from '../migration-error.ts'
import type { Revision } from '../revision/revision.ts'
import type { Direction } from './event.ts'
import type { Interrupted } from './journal.ts'

/**
 * Stops where a revision is half done and what is asked for would not finish it.
 *
 * @throws {MigrationError} `REVISION_IN_DOUBT`, naming the way out
 */
export function assertResumable(
  interrupted: readonly Interrupted[],
  plan: readonly Revision[],
  direction: Direction,
): void {
  for (const half of interrupted) {
    const revision = plan.find(({ id }) => id === half.id)
    if (revision === undefined || half.direction !== direction) throw refusal(half, leftAlone(half))
    if (half.checksum !== revision.checksum) throw refusal(half, edited(half), revision.name)
  }
}

function refusal(half: Interrupted, wayOut: string, name = half.id): MigrationError {
  const { direction, startedAt, startedBy, id } = half
  return new MigrationError(
    'REVISION_IN_DOUBT',
    `${name} runs outside a transaction and was interrupted on its way ${direction} (started ${startedAt.toISOString()} by ${startedBy}): ${wayOut}`,
    { revisions: [id], outcome: 'unknown' },
  )
}

function leftAlone({ id }: Interrupted): string {
  return `finish it first with aquifer repair ${id} --finish, or go back with aquifer repair ${id} --undo`
}

function edited({ id }: Interrupted): string {
  return `its file was edited since. Bring the file back, or go on with the edited one after aquifer repair ${id} --accept`
}
