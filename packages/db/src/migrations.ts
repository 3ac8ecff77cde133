import { idempotencySchema } from '@aquifer/core'
import { jobsSchema } from '@aquifer/jobs/commands'
import { loadRevisions, upgrade } from '@aquifer/migrations'
import type { AppEngine } from './engine.ts'

/** The folder of this application's revisions. */
export const revisions: URL = new URL('./revisions/', import.meta.url)

/** Brings a database to the newest revision, job tables included. Safe to call from several processes at once. */
export async function migrate(engine: AppEngine): Promise<void> {
  await upgrade(engine, await loadRevisions(revisions), {
    schemas: [idempotencySchema(), jobsSchema()],
  })
}
