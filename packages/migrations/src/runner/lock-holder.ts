import type { Connection } from './version-table.ts'

/** Who stands in the way. */
export interface LockHolder {
  readonly pid: number
  readonly applicationName: string
  /** When it took the lock, or began what it still does; absent if the server does not show it to this user. */
  readonly since?: Date
}

/** The first half of our advisory locks' key: 'aqua' in ASCII. The second half says which lock. */
export const LOCK_SPACE = 0x61717561

/** A condition on pg_locks: one of our advisory locks in this database, held. */
export const HELD: string = `locktype = 'advisory' and classid = ${LOCK_SPACE} and objsubid = 2 and granted
  and database = (select oid from pg_database where datname = current_database())`

/** Who holds one of our advisory locks; undefined if nobody does. */
export async function holderOf(
  connection: Connection,
  which: number,
): Promise<LockHolder | undefined> {
  // The connection of a lock has done nothing since it was taken, so that its last change of state is that moment.
  const { rows } = await connection.query<{ pid: number; name: string; since: Date | null }>(
    `select pid, application_name as name, case state when 'idle' then state_change else query_start end as since
     from pg_locks join pg_stat_activity using (pid) where ${HELD} and objid = $1`,
    [which],
  )
  const [row] = rows
  return row && { pid: row.pid, applicationName: row.name, ...(row.since && { since: row.since }) }
}

/** `pid 4711 (shop:migrations@1.2.0), since 2026-11-23T20:15:00.000Z` */
export function describeHolder(holder: LockHolder | undefined): string {
  if (holder === undefined) return 'a deployer that has just gone'
  const { pid, applicationName, since } = holder
  return `pid ${pid} (${applicationName || 'without application_name'})${since ? `, since ${since.toISOString()}` : ''}`
}
