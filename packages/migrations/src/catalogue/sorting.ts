import { qualifiedName } from './quote.ts'

/** Order by code units, which is the same under every locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Order of what has a name. */
export function byName(a: { name: string }, b: { name: string }): number {
  return compare(a.name, b.name)
}

/** Order of what has a schema and a name. */
export function bySchemaAndName(
  a: { schema: string; name: string },
  b: { schema: string; name: string },
): number {
  return compare(qualifiedName(a.schema, a.name), qualifiedName(b.schema, b.name))
}
