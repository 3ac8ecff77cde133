import type { KyselyPlugin } from 'kysely'
import { markWith } from './mark-plugin.ts'
import { versionMark } from './marks.ts'

/** A builder of an update or a delete. */
interface WriteBuilder {
  withPlugin(plugin: KyselyPlugin): unknown
  returningAll(): unknown
  where(...condition: never[]): unknown
}

/**
 * Changes a row only at this version, as `update.$call(atVersion(3))` on an update or delete of one row. If the row has another version by
 * now the query is refused, and a second statement, which is sent only then, tells which one.
 *
 * @throws when the query runs, {StaleError} `STALE_VERSION`; {UsageError} `VERSION_MISSING` for a model without a version,
 *   `VERSION_NESTED` inside of another query and on one with CTEs
 */
export function atVersion(
  version: number | bigint | string,
): <Q extends WriteBuilder>(query: Q) => Q {
  const plugin = markWith(versionMark(version))
  return <Q extends WriteBuilder>(query: Q) => query.withPlugin(plugin) as Q
}
