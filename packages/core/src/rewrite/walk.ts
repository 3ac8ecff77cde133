import type { OperationNode } from 'kysely'
import { holdsValues } from '../engine/value-nodes.ts'
import { enter, outside, type Surroundings } from './outputs.ts'
import { isQuery, type ModelsByName } from './sources.ts'

/** Is shown a node and what is known where it stands; of a query, what is known inside of it. */
export type Visitor = (node: OperationNode, around: Surroundings) => void

/** Shows every node of a query to `visit`, the outer ones first. */
export function walk(root: OperationNode, models: ModelsByName, visit: Visitor): void {
  step(root, outside(models), visit)
}

function step(node: OperationNode, around: Surroundings, visit: Visitor): void {
  if (!isQuery(node)) {
    visit(node, around)
    for (const child of childrenOf(node)) step(child, around, visit)
    return
  }
  const { inside, ctes } = enter(node, around)
  visit(node, inside)
  for (const { expression, around: there } of ctes) step(expression, there, visit)
  for (const child of childrenOf(node)) {
    if (child.kind !== 'WithNode') step(child, inside, visit)
  }
}

function childrenOf(node: OperationNode): OperationNode[] {
  if (holdsValues(node)) return []
  return Object.values(node).flatMap(nodesIn)
}

function nodesIn(value: unknown): OperationNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn)
  const isNode = typeof value === 'object' && value !== null && 'kind' in value
  return isNode ? [value as OperationNode] : []
}
