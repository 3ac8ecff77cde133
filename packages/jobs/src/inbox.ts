import type { Unit } from './unit.ts'

/** Which job an effect belongs to. */
export interface InboxEntry {
  readonly jobId: string
  readonly queue: string
  readonly name: string
}

/**
 * Remembers, in the transaction that holds the job's effect, that the job has run; its outbox row
 * goes.
 *
 * A second run of the same job at the same time waits here until the first has committed or rolled
 * back.
 *
 * @returns false if the job has run before: its effect is there and must not be repeated
 */
export async function enterInbox(unit: Unit, { jobId, queue, name }: InboxEntry): Promise<boolean> {
  // A relay that has just handed this job over holds its row for another moment; the sweeper takes
  // that row later.
  const { rowCount } = await unit.query(
    `with gone as (
       delete from aquifer.outbox
       where id in (select id from aquifer.outbox where id = $1 for update skip locked)
     )
     insert into aquifer.inbox (job_id, queue, name) values ($1, $2, $3)
     on conflict (job_id) do nothing`,
    [jobId, queue, name],
  )
  return rowCount === 1
}

/** Whether the job has run and committed. */
export async function isInInbox(unit: Unit, jobId: string): Promise<boolean> {
  const { rows } = await unit.query('select from aquifer.inbox where job_id = $1', [jobId])
  return rows.length === 1
}
