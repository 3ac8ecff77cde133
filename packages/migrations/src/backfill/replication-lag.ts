import type { Engine } from '@aquifer/core'

/** How far the slowest connected standby is behind, in milliseconds; 0 if there is none, or this user is not shown it. */
export async function replicationLagMs(engine: Engine<unknown>): Promise<number> {
  const { rows } = await engine.session(
    (session) =>
      session.query<{ lag: number | null }>(
        `select (extract(epoch from max(replay_lag)) * 1000)::float8 as lag from pg_stat_replication`,
      ),
    { mode: 'autocommit' },
  )
  return rows[0]?.lag ?? 0
}
