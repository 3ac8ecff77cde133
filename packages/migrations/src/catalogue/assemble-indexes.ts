import type { IndexRow } from './part-queries.ts'
import { commentOf } from './parts.ts'
import { byName } from './sorting.ts'
import type { Index, IndexKey } from './table.ts'

/** The indexes of one table or materialized view, in the order of their names. */
export function assembleIndexes(rows: readonly IndexRow[]): Index[] {
  return rows
    .map(
      (row): Index => ({
        name: row.name,
        unique: row.unique,
        method: row.method,
        definition: row.definition.slice(row.definition.indexOf(' USING ') + 1),
        keys: row.keys.filter(({ key }) => key).map(indexKey),
        include: row.keys.filter(({ key }) => !key).map(({ text }) => unquoted(text)),
        ...(row.predicate !== null && { predicate: row.predicate }),
        nullsNotDistinct: row.nullsNotDistinct ?? false,
        valid: row.valid,
        clustered: row.clustered,
        ...commentOf(row.comment),
      }),
    )
    .sort(byName)
}

function indexKey(row: IndexRow['keys'][number]): IndexKey {
  const { text, column, descending, nullsFirst, operatorClass, collation } = row
  return {
    ...(column ? { column: unquoted(text) } : { expression: text }),
    descending,
    nullsFirst,
    ...(operatorClass !== null && { operatorClass }),
    ...(collation !== null && { collation }),
  }
}

/** The server writes a column of an index as SQL would. */
function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
