import { Deadline, type Engine, type Lease, type StatementOptions } from '@aquifer/core'
import { noticeDeadClient } from './dead-client.ts'
import type { MigrationLock } from './lock.ts'
import { leaveOwnSchema } from './search-path.ts'

/** What a connection that works outside a transaction is taken with. */
export interface WorkParts {
  readonly engine: Engine<unknown>
  readonly lock: MigrationLock
  readonly options: { readonly deadline?: Deadline }
  readonly signal: AbortSignal
}

/** Runs `work` on one connection outside a transaction, marked as the one that works as long as it is open. */
export async function onWorkLease<T>(
  { engine, lock, options, signal }: WorkParts,
  work: (lease: Lease, bounds: StatementOptions) => Promise<T>,
): Promise<T> {
  const deadline = Deadline.earlier(Deadline.after(engine.profile.deadlineMs), options.deadline)
  const bounds = { deadline, signal }
  const lease = await engine.acquire(bounds)
  try {
    await noticeDeadClient(lease)
    await lock.enter(lease, 'session')
    await leaveOwnSchema(lease, 'session')
    return await work(lease, bounds)
  } finally {
    lease.release('destroy')
  }
}
