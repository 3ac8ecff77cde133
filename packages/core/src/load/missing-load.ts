import type { Model } from '../model/model.ts'
import type { Relation } from '../model/relation.ts'
import type { ModelsByName } from '../rewrite/sources.ts'
import type { Lookup } from './lookup.ts'

/** The relation that a lookup follows, starting at rows of another query. */
export interface Edge {
  readonly model: string
  readonly relation: string
}

/** A column of a result, and the model that the result is of. */
export interface Start {
  readonly model: Model
  readonly column: string
}

/** The relation that a lookup follows for values out of `from`; undefined if none is declared. */
export function edgeOf(from: Start, lookup: Lookup, models: ModelsByName): Edge | undefined {
  const found = Object.entries(from.model.relations).find(([, relation]) =>
    follows(relation, from, { lookup, models }),
  )
  return found && { model: from.model.name, relation: found[0] }
}

function follows(
  { kind, target, own, foreign, through }: Relation,
  { model: from, column }: Start,
  { lookup, models }: { lookup: Lookup; models: ModelsByName },
): boolean {
  const goal = models.get(target)
  if (goal === undefined) return false
  if (through !== undefined) {
    return (
      lookup.model.name === through.model &&
      isOne(through.from, lookup.column) &&
      isOne(from.primaryKey, column) &&
      reads(lookup, target)
    )
  }
  const [near, far] =
    kind === 'belongsTo'
      ? [own, foreign.length > 0 ? foreign : goal.primaryKey]
      : [own.length > 0 ? own : from.primaryKey, foreign]
  return lookup.model.name === target && isOne(near, column) && isOne(far, lookup.column)
}

function reads({ sources }: Lookup, target: string): boolean {
  return sources.some(({ model }) => model?.name === target)
}

function isOne(columns: readonly string[], column: string): boolean {
  return columns.length === 1 && columns[0] === column
}
