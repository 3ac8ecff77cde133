import { isAquiferError, type Outcome } from '../errors/aquifer-error.ts'
import type { Lease } from '../pool/lease.ts'
import type { Pool } from '../pool/pool.ts'
import { backoffMs } from '../time/backoff.ts'
import { nowhere } from '../time/call-site.ts'
import { sleep } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'
import { isRefusal } from './refusal.ts'
import type { TransactionMark } from './transaction-mark.ts'

/** How the server refuses an id that it has not given out. */
const IN_THE_FUTURE = '22023'

const STATUS = `select pg_xact_status($1::xid8) as status,
  extract(epoch from checkpoint_time)::float8 as checkpoint_at, next_xid,
  (select extract(epoch from stats_reset)::float8 from pg_stat_bgwriter) as statistics_since,
  left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline
  from pg_control_checkpoint()`

/** Fails on a standby, which cannot tell. */
const TIMELINE = 'select left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline'

/** Ends whoever still runs the transaction: its COMMIT may wait, or may never have arrived. */
const END_IT = `select pg_terminate_backend(pid) from pg_stat_activity where backend_xid = $1::xid8::xid`

/** What the server knows of a transaction, and of itself. */
export interface Testimony {
  /** `committed`, `aborted`, `in progress`; null if it is too old to be known. */
  readonly status: string | null
  /** When the last checkpoint began; seconds of the server's clock since 1970, rounded down. */
  readonly checkpoint_at: number
  /** Since when its statistics count, which a crash drops and a shutdown keeps; seconds of its clock since 1970. */
  readonly statistics_since: number | null
  /** The next id at that checkpoint, as `epoch:id`. */
  readonly next_xid: string
  readonly timeline: string
}

/** What to make of a testimony; `running` says that the transaction has not ended. */
export type Finding = Outcome | 'running'

/**
 * What became of a transaction whose COMMIT was not answered, asked on another connection until there is an answer or the deadline has passed. A
 * transaction that still runs is ended first.
 *
 * Never rejects. `unknown` if nobody can tell: the server is gone, it has been through a failover, or it does not answer this question.
 */
export async function outcomeOf(
  pool: Pool,
  mark: TransactionMark,
  deadline: Deadline,
): Promise<Outcome> {
  for (let attempt = 1; !deadline.expired; attempt += 1) {
    try {
      const finding = await ask(pool, mark, deadline)
      if (finding !== 'running') return finding
    } catch (error) {
      const isClosed = isAquiferError(error) && error.code === 'POOL_CLOSED'
      if (isClosed || isRefusal(error)) return 'unknown'
    }
    await sleep(Math.min(backoffMs(Math.min(attempt, 4)), deadline.remainingMs))
  }
  return 'unknown'
}

async function ask(pool: Pool, mark: TransactionMark, deadline: Deadline): Promise<Finding> {
  await using lease = await pool.acquire({ deadline, takenAt: nowhere })
  const testimony = await testimonyOf(lease, mark, deadline)
  if (testimony === undefined) return await neverGiven(lease, mark, deadline)
  const finding = findingOf(testimony, mark)
  if (finding === 'running') await lease.query(END_IT, [mark.xid], { deadline })
  return finding
}

/** Undefined if the server has not given out the id. */
async function testimonyOf(
  lease: Lease,
  { xid }: TransactionMark,
  deadline: Deadline,
): Promise<Testimony | undefined> {
  try {
    return (await lease.query<Testimony>(STATUS, [xid], { deadline })).rows[0]
  } catch (error) {
    if (isAquiferError(error) && error.sqlState === IN_THE_FUTURE) return undefined
    throw error
  }
}

/** A crash takes back an id of which nothing had reached the disk; a server of another history may only not know it. */
async function neverGiven(
  lease: Lease,
  { timeline }: TransactionMark,
  deadline: Deadline,
): Promise<Outcome> {
  const { rows } = await lease.query<{ timeline: string }>(TIMELINE, [], { deadline })
  return rows[0]?.timeline === timeline ? 'rolledBack' : 'unknown'
}

/**
 * Judges a testimony. After a crash the server gives ids again that it had given to transactions of which nothing had reached the disk, so that
 * a status may be a stranger's. The server's statistics do not outlive a crash, and it ends with a checkpoint that tells the first id given after it.
 */
export function findingOf(
  { status, checkpoint_at, next_xid, statistics_since, timeline }: Testimony,
  { xid, markedAt, timeline: ownTimeline }: TransactionMark,
): Finding {
  if (timeline !== ownTimeline || status === null) return 'unknown'
  if (status === 'aborted') return 'rolledBack'
  const hasNotCrashed = statistics_since !== null && statistics_since < markedAt
  const isOurs =
    hasNotCrashed || checkpoint_at < Math.floor(markedAt) || idOf(next_xid) > BigInt(xid)
  if (!isOurs) return checkpoint_at > markedAt ? 'rolledBack' : 'unknown'
  return status === 'committed' ? 'committed' : 'running'
}

function idOf(next: string): bigint {
  const [epoch = '0', id = '0'] = next.split(':')
  return (BigInt(epoch) << 32n) + BigInt(id)
}
