import { isAquiferError } from '@aquifer/core'
import type { Connection } from './version-table.ts'

/**
 * Settings by which the server notices within seconds that a deployer is gone, be it a killed process or a host without
 * power: its lock is given up and its running statement stopped.
 */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['client_connection_check_interval', '2s'],
  ['tcp_keepalives_idle', '10'],
  ['tcp_keepalives_interval', '5'],
  ['tcp_keepalives_count', '3'],
  // The connection of the lock is idle all the time.
  ['idle_session_timeout', '0'],
]

/**
 * Makes them for a connection that is not in a transaction. What a server does not know (the first before PostgreSQL 14)
 * or cannot do on its system is passed over.
 *
 * @returns the names of those that were made
 */
export async function noticeDeadClient(connection: Connection): Promise<string[]> {
  const made: string[] = []
  for (const [name, value] of SETTINGS) {
    try {
      await connection.query(`select set_config($1, $2, false)`, [name, value])
      made.push(name)
    } catch (error) {
      if (!isAquiferError(error) || error.kind === 'connection') throw error
    }
  }
  return made
}

/** Makes, until the end of the open transaction, those of `names` that are known to work. */
export async function noticeDeadClientLocally(
  connection: Connection,
  names: readonly string[],
): Promise<void> {
  const settings = SETTINGS.filter(([name]) => names.includes(name))
  await connection.query(
    `select set_config(name, value, true) from unnest($1::text[], $2::text[]) as setting (name, value)`,
    [settings.map(([name]) => name), settings.map(([, value]) => value)],
  )
}
