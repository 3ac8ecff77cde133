import { UsageError } from '@aquifer/core'
import type { RevisionGraph, RevisionNode } from './graph.ts'
import { resolveReference } from './reference.ts'

/**
 * The revisions of a range `a:b`, parents first: those that `b` builds on, itself included, and `a` does not.
 *
 * @param range either side may be left out: `base` and `heads` then; a reference without a colon is the right side
 * @throws {MigrationError} as `resolveReference`; {UsageError} `RANGE_INVALID`
 */
export function between<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  range: string,
  start: 'with start' | 'without start' = 'without start',
): Node[] {
  const [left = '', right = '', more] = range.includes(':') ? range.split(':') : ['', range]
  if (more !== undefined) {
    throw new UsageError(
      'RANGE_INVALID',
      `a range is written from:to, not ${JSON.stringify(range)}`,
    )
  }
  const from = left === '' || left === 'base' ? undefined : resolveReference(graph, left)
  const goals = right === '' || right === 'heads' ? graph.heads : [resolveReference(graph, right)]
  const wanted = graph.withAncestors(goals.map(({ id }) => id))
  const below = graph.withAncestors(from === undefined ? [] : [from.id])
  if (start === 'with start' && from !== undefined) below.delete(from.id)
  return graph.order.filter(({ id }) => wanted.has(id) && !below.has(id))
}
