import type { KyselyPlugin } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import { markWith } from './mark-plugin.ts'
import { unscopedMark } from './marks.ts'

/** A query builder of Kysely's. */
interface Builder {
  withPlugin(plugin: KyselyPlugin): unknown
}

const NAME = /^\w+$/

/**
 * Lifts scopes from a query and from all that is inside of it, as `query.$call(unscoped('softDelete'))`; a query around it keeps them.
 *
 * @throws {UsageError} `UNSCOPED_UNKNOWN` without a name or for one that is none; when the query runs, for one that no model has
 */
export function unscoped(
  ...names: readonly [string, ...string[]]
): <Q extends Builder>(query: Q) => Q {
  if (names.length === 0 || !names.every((name) => NAME.test(name))) {
    throw new UsageError('UNSCOPED_UNKNOWN', 'unscoped() takes the names of the scopes to lift')
  }
  const plugin = markWith(unscopedMark(names))
  return <Q extends Builder>(query: Q) => query.withPlugin(plugin) as Q
}
