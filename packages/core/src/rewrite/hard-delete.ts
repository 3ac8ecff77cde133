import type { DeleteQueryBuilder } from 'kysely'
import { markWith } from './mark-plugin.ts'
import { hardMark } from './marks.ts'

/** Removes rows for good, as `query.$call(hardDelete())`. Rows that are hidden stay unless the scope is lifted as well. */
export function hardDelete(): <DB, TB extends keyof DB, O>(
  query: DeleteQueryBuilder<DB, TB, O>,
) => DeleteQueryBuilder<DB, TB, O> {
  const plugin = markWith(hardMark())
  return (query) => query.withPlugin(plugin)
}
