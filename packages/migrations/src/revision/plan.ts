import { UsageError } from '@aquifer/core'
import { MigrationError } from '../migration-error.ts'
import { listed, type RevisionGraph, type RevisionNode } from './graph.ts'
import { resolveReference } from './reference.ts'

/**
 * The revisions to apply so that `target` is reached, parents first; empty if it has been.
 *
 * @param target `head` (the only one), `heads` (all), `+N` (the next N), or a reference; see `resolveReference`
 * @throws {MigrationError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_HEADS`; {UsageError} `TARGET_INVALID`
 */
export function planUpgrade<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  applied: ReadonlySet<string>,
  target: string,
): Node[] {
  const steps = relative(target, '+')
  const wanted = graph.withAncestors(upgradeGoals(graph, steps === undefined ? target : 'head'))
  const pending = graph.order.filter(({ id }) => wanted.has(id) && !applied.has(id))
  return pending.slice(0, steps)
}

/**
 * The revisions to undo so that `target` becomes a head of the database again, children first; empty if it is one.
 *
 * @param target `base` (undo all), `-N` (the last N), or a reference; see `resolveReference`
 * @throws {MigrationError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_HEADS` if `-N` meets several applied heads;
 *   {UsageError} `TARGET_INVALID`
 */
export function planDowngrade<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  applied: ReadonlySet<string>,
  target: string,
): Node[] {
  const newestFirst = graph.order.filter(({ id }) => applied.has(id)).reverse()
  if (target === 'base') return newestFirst
  const steps = relative(target, '-')
  if (steps !== undefined) return lastSteps(graph, applied, steps)
  if (target.startsWith('+') || target === 'head' || target === 'heads') {
    throw invalidTarget(target, 'downgrade takes -N, an id, or base')
  }
  const goal = resolveReference(graph, target)
  if (!applied.has(goal.id)) {
    throw new MigrationError(
      'REVISION_UNKNOWN',
      `${listed([goal])} is not applied, so there is no way down to it: aquifer history shows what is`,
      { revisions: [goal.id] },
    )
  }
  const above = graph.withDescendants([goal.id])
  return newestFirst.filter(({ id }) => above.has(id) && id !== goal.id)
}

function upgradeGoals<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  target: string,
): string[] {
  if (target === 'heads') return graph.heads.map(({ id }) => id)
  if (target === 'head') return graph.singleHead === undefined ? [] : [graph.singleHead.id]
  if (target.startsWith('-') || target === 'base') {
    throw invalidTarget(target, 'upgrade takes head, heads, +N, or an id')
  }
  return [resolveReference(graph, target).id]
}

/** Each step undoes the only applied revision that nothing applied builds on. */
function lastSteps<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  applied: ReadonlySet<string>,
  steps: number,
): Node[] {
  const left = new Set(applied)
  const plan: Node[] = []
  while (plan.length < steps) {
    const heads = graph.headsAmong(left)
    const [head, other] = heads
    if (head === undefined) break
    if (other !== undefined) throw severalAppliedHeads(heads, plan.length)
    plan.push(head)
    left.delete(head.id)
  }
  return plan
}

function relative(target: string, sign: '+' | '-'): number | undefined {
  if (!target.startsWith(sign)) return undefined
  const steps = target.slice(1)
  if (/^[1-9]\d{0,5}$/.test(steps)) return Number(steps)
  throw invalidTarget(target, `a number of steps is written ${sign}1, ${sign}2, ...`)
}

function invalidTarget(target: string, rule: string): UsageError {
  return new UsageError('TARGET_INVALID', `${JSON.stringify(target)} is no target here: ${rule}`)
}

function severalAppliedHeads(heads: readonly RevisionNode[], undone: number): MigrationError {
  const after = undone === 0 ? '' : ` after ${undone} step${undone === 1 ? '' : 's'} back`
  return new MigrationError(
    'REVISION_HEADS',
    `the database has ${heads.length} heads${after}: ${listed(heads)}. Name the revision to go down to, or base`,
    { revisions: heads.map(({ id }) => id) },
  )
}
