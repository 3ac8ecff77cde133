import { AndNode, type OperationNode, ParensNode } from 'kysely'
import { holdsValues } from '../engine/value-nodes.ts'

/** A node with its children replaced; the same node if none of them is, since the compiler finds values by the nodes that hold them. */
export function mapChildren<N extends OperationNode>(
  node: N,
  map: (child: OperationNode) => OperationNode,
): N {
  if (holdsValues(node)) return node
  let changed: Record<string, unknown> | undefined
  for (const [name, field] of Object.entries(node)) {
    if (name === 'attached') continue
    const mapped = mapField(field, map)
    if (mapped === field) continue
    changed = { ...(changed ?? node), [name]: mapped }
  }
  return (changed ?? node) as N
}

/** A tree with some of its nodes replaced; what lies above them is made anew, all else stays. */
export function replaceNodes<N extends OperationNode>(
  root: N,
  by: ReadonlyMap<OperationNode, OperationNode>,
): N {
  const replaced = (node: OperationNode): OperationNode =>
    by.get(node) ?? mapChildren(node, replaced)
  return replaced(root) as N
}

function mapField(field: unknown, map: (child: OperationNode) => OperationNode): unknown {
  if (Array.isArray(field)) {
    const mapped = field.map((item) => mapField(item, map))
    return mapped.some((item, at) => item !== field[at]) ? mapped : field
  }
  return isNode(field) ? map(field) : field
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value
}

/** Both a condition of the caller's and ours; whatever the first holds does not reach out of its parentheses. */
export function both(
  theirs: OperationNode | undefined,
  ours: readonly OperationNode[],
): OperationNode | undefined {
  const [first, ...others] = ours
  if (first === undefined) return theirs
  const start = theirs === undefined ? first : AndNode.create(enclosed(theirs), first)
  return others.reduce<OperationNode>((all, one) => AndNode.create(all, one), start)
}

const CLOSED = new Set(['BinaryOperationNode', 'UnaryOperationNode', 'ParensNode'])

function enclosed(node: OperationNode): OperationNode {
  return isClosed(node) ? node : ParensNode.create(node)
}

/** Nothing in it binds looser than AND, whatever raw fragments it may hold deeper down. */
function isClosed(node: OperationNode): boolean {
  if (node.kind === 'AndNode') {
    const { left, right } = node as AndNode
    return isClosed(left) && isClosed(right)
  }
  if (!CLOSED.has(node.kind)) return false
  return node.kind === 'ParensNode' || !Object.values(node).some(isRaw)
}

function isRaw(field: unknown): boolean {
  return isNode(field) && field.kind === 'RawNode'
}
