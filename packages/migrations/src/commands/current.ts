import type { Engine } from '@aquifer/core'
import { type AppliedRevision, readApplied } from '../runner/version-table.ts'

/** Where a database stands. */
export interface Current {
  /** The applied revisions that nothing applied builds on; empty at the base. */
  readonly heads: readonly AppliedRevision[]
  /** Every applied revision, in the order in which they were applied. */
  readonly applied: readonly AppliedRevision[]
}

/** Where the database stands, by its own account: no file is read, nothing is changed, no lock is taken. */
export async function current<DB>(engine: Engine<DB>): Promise<Current> {
  const applied = await engine.session((session) => readApplied(session), { mode: 'autocommit' })
  const parents = new Set(applied.flatMap((revision) => revision.parents))
  return { heads: applied.filter(({ id }) => !parents.has(id)), applied }
}
