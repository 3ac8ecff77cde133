import type { OperationNode } from 'kysely'
import { isPureFunction } from '../engine/safe-read.ts'

/** Functions that give the same all through a transaction. */
const STEADY = new Set(
  `any now current_setting to_tsvector to_tsquery plainto_tsquery websearch_to_tsquery ts_rank similarity exists in values
  and or not over filter row cast array all some unaccent`.split(/\s+/),
)

/** Of one row they make several. */
const MULTIPLYING =
  /^(unnest|generate_series|jsonb?_(array_elements|each|object_keys)\w*|regexp_split_to_table)$/

interface Parts extends OperationNode {
  readonly func?: unknown
  readonly sqlFragments?: readonly string[]
}

/**
 * Whether a part of a query comes out the same in two statements that see the same rows: it calls no function that may be volatile. It errs
 * towards no.
 */
export function isStable(node: OperationNode): boolean {
  return everyNode(node, (part) =>
    calledBy(part).every((name) => isPureFunction(name) || STEADY.has(name)),
  )
}

/** Whether it leaves the number of rows as it is. */
export function isSingular(node: OperationNode): boolean {
  return everyNode(node, (part) => !calledBy(part).some((name) => MULTIPLYING.test(name)))
}

/** The functions that a node names. */
function calledBy({ func, sqlFragments = [] }: Parts): string[] {
  const named = typeof func === 'string' ? [func.toLowerCase()] : []
  const written = sqlFragments.flatMap((text) =>
    [...text.matchAll(/([a-z_][\w$]*)"?\s*\(/gi)].map(([, name = '']) => name.toLowerCase()),
  )
  return [...named, ...written]
}

function everyNode(value: unknown, holds: (node: Parts) => boolean): boolean {
  if (Array.isArray(value)) return value.every((item) => everyNode(item, holds))
  if (typeof value !== 'object' || value === null || !('kind' in value)) return true
  return holds(value as Parts) && Object.values(value).every((item) => everyNode(item, holds))
}
