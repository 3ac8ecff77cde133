import type { Profile } from '@aquifer/core'
import { MigrationError } from '../migration-error.ts'
import type { Revision } from '../revision/revision.ts'
import type { Connection } from './version-table.ts'

/** Connections of one older version of an application. */
interface OlderApplication {
  /** `<service>:<profile>@<version>` */
  readonly applicationName: string
  readonly connections: number
}

/** What a deployer says of itself in its application_name. */
export type Deployer = Pick<Profile, 'name' | 'version'>

const NAMES = `select application_name as "applicationName", count(*)::int as connections from pg_stat_activity
  where datname = current_database() and application_name ~ '^[^:]+:.+@.+$' group by 1 order by 1`

/**
 * The applications connected to this database of which the version is older than that of the deployer, or cannot be compared with it. Deployers are
 * none: they are known by the name of their profile.
 */
async function olderApplications(
  connection: Connection,
  deployer: Deployer,
): Promise<OlderApplication[]> {
  const { rows } = await connection.query<OlderApplication>(NAMES)
  return rows.filter(({ applicationName }) => {
    const profile = applicationName.slice(
      applicationName.indexOf(':') + 1,
      applicationName.lastIndexOf('@'),
    )
    const version = applicationName.slice(applicationName.lastIndexOf('@') + 1)
    return profile !== deployer.name && !isAtLeast(version, deployer.version)
  })
}

/**
 * Stops before a revision that takes away what older versions of an application need, while such are connected.
 *
 * @throws {MigrationError} `REVISION_PHASE`, naming them
 */
export async function assertContractable(
  connection: Connection,
  { id, name }: Revision,
  deployer: Deployer,
): Promise<void> {
  const older = await olderApplications(connection, deployer)
  if (older.length === 0) return
  const named = older.map((each) => `${each.applicationName} (${counted(each.connections)})`)
  throw new MigrationError(
    'REVISION_PHASE',
    `${name} takes away what older versions may need, and beside this deployer of version ${deployer.version} some are connected: ${named.join(', ')}. ` +
      'Nothing of it was run. Roll the new version out everywhere and run the command again, apply the others with --phase expand, or go on in spite of them with --allow-older',
    { revisions: [id], retryable: true },
  )
}

/** Whether a version is the other one or later, as far as both are numbers; `1.10.0` is later than `1.9.3`, and `2.0.0-rc.1` earlier than `2.0.0`. */
export function isAtLeast(version: string, other: string): boolean {
  if (version === other) return true
  const [left, right] = [parts(version), parts(other)]
  if (left === undefined || right === undefined) return false
  for (let place = 0; place < Math.max(left.numbers.length, right.numbers.length); place += 1) {
    const difference = (left.numbers[place] ?? 0) - (right.numbers[place] ?? 0)
    if (difference !== 0) return difference > 0
  }
  if (left.early === undefined || right.early === undefined) return left.early === undefined
  return left.early.localeCompare(right.early, 'en', { numeric: true }) >= 0
}

function parts(version: string): { numbers: number[]; early: string | undefined } | undefined {
  const { numbers, early } =
    /^v?(?<numbers>\d+(\.\d+)*)(-(?<early>[^+]+))?(\+.*)?$/.exec(version)?.groups ?? {}
  return numbers === undefined ? undefined : { numbers: numbers.split('.').map(Number), early }
}

function counted(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`
}
