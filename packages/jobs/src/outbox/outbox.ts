import type { Envelope } from '../envelope.ts'
import type { JobPolicy, OutgoingJob } from '../transport/transport.ts'
import type { Unit } from '../unit.ts'

/** What is notified after jobs were put into the outbox. */
export const OUTBOX_CHANNEL = 'aquifer_outbox'

interface OutboxRow {
  readonly id: string
  readonly queue: string
  readonly name: string
  readonly envelope: Envelope
  readonly policy: JobPolicy
  readonly created_at: Date
  readonly due_at: Date
}

/** Puts jobs into the outbox, in one statement of the caller's transaction. */
export async function putIntoOutbox(unit: Unit, jobs: readonly OutgoingJob[]): Promise<void> {
  const rows = jobs.map(({ createdAt, delayMs, ...job }) => ({
    ...job,
    created_at: new Date(createdAt),
    due_at: new Date(createdAt + delayMs),
  }))
  await unit.query(
    `insert into aquifer.outbox (id, queue, name, envelope, policy, created_at, due_at)
     select id, queue, name, envelope, policy, created_at, due_at
     from jsonb_to_recordset($1::jsonb) as job (
       id text, queue text, name text, envelope jsonb, policy jsonb,
       created_at timestamptz, due_at timestamptz
     )`,
    [JSON.stringify(rows)],
  )
}

/**
 * Jobs that nobody has handed over, locked until the caller's transaction ends; those of other
 * relays are passed by.
 */
export async function claimFromOutbox(unit: Unit, limit: number): Promise<OutgoingJob[]> {
  const { rows } = await unit.query<OutboxRow>(
    `select id, queue, name, envelope, policy, created_at, due_at
     from aquifer.outbox where handed_at is null
     order by created_at limit $1 for update skip locked`,
    [limit],
  )
  return rows.map(({ created_at, due_at, ...job }) => ({
    ...job,
    createdAt: created_at.getTime(),
    delayMs: due_at.getTime() - created_at.getTime(),
  }))
}

/**
 * Remembers that jobs were handed over. Rows of dropped jobs, and of jobs that have already run,
 * go: the others stay until the job has run, as the queue may lose what it was given.
 */
export async function markHandedOver(
  unit: Unit,
  handed: readonly string[],
  dropped: readonly string[],
): Promise<void> {
  await unit.query(
    `with gone as (
       delete from aquifer.outbox
       where id = any($1) and (id = any($2) or exists (select from aquifer.inbox where job_id = id))
       returning id
     )
     update aquifer.outbox set handed_at = clock_timestamp(), hand_overs = hand_overs + 1
     where id = any($1) and id not in (select id from gone)`,
    [handed, dropped],
  )
}

/** Remembers that a job was given up for good, so that it is not handed over again. */
export async function markGivenUp(unit: Unit, jobId: string): Promise<void> {
  await unit.query('update aquifer.outbox set failed_at = clock_timestamp() where id = $1', [jobId])
}
