import type { Node, RangeVar } from 'libpg-query'
import { asAny, namesIn } from './parse-node.ts'

/** A table, view or the like as a statement names it. */
export interface TableName {
  /** Absent if the search path decides. */
  readonly schema?: string
  readonly name: string
}

/** The name in a statement's reference to a table. */
export function tableOf(range: RangeVar | undefined): TableName | undefined {
  if (range?.relname === undefined) return undefined
  return named(range.schemaname, range.relname)
}

/** The name that a list stands for, as DROP holds it. */
export function tableOfList(node: Node | undefined): TableName | undefined {
  return nameOfList(asAny(node).List?.items)
}

/** The name that strings stand for: `[schema, name]`, or more with the database before. */
export function nameOfList(nodes: readonly Node[] | undefined): TableName | undefined {
  const names = namesIn(nodes)
  const name = names.at(-1)
  return name === undefined ? undefined : named(names.at(-2), name)
}

/** As it would be written: quoted where it has to be. */
export function shown({ schema, name }: TableName): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`
}

/** An identifier, with quotes if it needs them. */
export function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function named(schema: string | undefined, name: string): TableName {
  return schema === undefined ? { name } : { schema, name }
}
