import { MigrationError } from '../migration-error.ts'
import { listed, type RevisionGraph, type RevisionNode } from './graph.ts'
import { LABEL } from './revision.ts'

/**
 * The revision that a reference means: an id or its beginning, a label (the head of its branch), `head`, any of them with a number of steps
 * (`3f6c1a92+1`, `head-2`), and any of the ids and `head` inside a branch (`billing@head`).
 *
 * @throws {MigrationError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`, `REVISION_HEADS`
 */
export function resolveReference<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  reference: string,
): Node {
  const { place = '', steps } =
    /^(?<place>.+?)(?<steps>[+-]\d{1,6})?$/.exec(reference)?.groups ?? {}
  const [label, inside] = place.includes('@') ? place.split('@', 2) : [undefined, place]
  const start = label === undefined ? anywhere(graph, place) : inBranch(graph, label, inside ?? '')
  return walk(graph, start, Number(steps ?? 0))
}

/** The revision at which a labelled branch begins; undefined if no revision has this label. */
export function branchStart<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  label: string,
): Node | undefined {
  const found = graph.order.filter((node) => node.label === label)
  if (found.length < 2) return found[0]
  throw new MigrationError(
    'REVISION_AMBIGUOUS',
    `${found.length} revisions have the label ${label}: ${listed(found)}. Take it out of all headers but one`,
    { revisions: found.map(({ id }) => id) },
  )
}

/**
 * The heads of a labelled branch: one, as long as nothing has split it.
 *
 * @throws {MigrationError} `REVISION_UNKNOWN`
 */
function branchHeads<Node extends RevisionNode>(graph: RevisionGraph<Node>, label: string): Node[] {
  const start = branchStart(graph, label)
  if (start === undefined) {
    throw new MigrationError(
      'REVISION_UNKNOWN',
      `no revision has the label ${JSON.stringify(label)}: aquifer branches lists them all`,
    )
  }
  return graph.headsAmong(graph.withDescendants([start.id]))
}

function anywhere<Node extends RevisionNode>(graph: RevisionGraph<Node>, place: string): Node {
  if (place === 'head') {
    const head = graph.singleHead
    if (head !== undefined) return head
  }
  if (
    LABEL.test(place) &&
    graph.get(place) === undefined &&
    branchStart(graph, place) !== undefined
  ) {
    return inBranch(graph, place, 'head')
  }
  return graph.find(place)
}

function inBranch<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  label: string,
  inside: string,
): Node {
  const heads = branchHeads(graph, label)
  if (inside !== 'head') {
    const found = graph.find(inside)
    const branch = graph.withDescendants([branchStart(graph, label)?.id ?? ''])
    if (branch.has(found.id)) return found
    throw new MigrationError(
      'REVISION_UNKNOWN',
      `${listed([found])} is not in the branch ${label}`,
      {
        revisions: [found.id],
      },
    )
  }
  const [head, other] = heads
  if (head !== undefined && other === undefined) return head
  throw new MigrationError(
    'REVISION_HEADS',
    `the branch ${label} has ${heads.length} heads: ${listed(heads)}. Join them with aquifer merge, or name one by its id`,
    { revisions: heads.map(({ id }) => id) },
  )
}

function walk<Node extends RevisionNode>(
  graph: RevisionGraph<Node>,
  start: Node,
  steps: number,
): Node {
  let node = start
  for (let left = Math.abs(steps); left > 0; left -= 1) {
    const next =
      steps > 0
        ? [...graph.children(node.id)]
        : graph.parents(node).flatMap((id) => graph.get(id) ?? [])
    const [only, other] = next
    const way = steps > 0 ? 'builds on' : 'is below'
    if (only === undefined) {
      throw new MigrationError(
        'REVISION_UNKNOWN',
        `nothing ${way} ${listed([node])}, so that ${Math.abs(steps)} steps lead nowhere`,
        {
          revisions: [node.id],
        },
      )
    }
    if (other !== undefined) {
      throw new MigrationError(
        'REVISION_AMBIGUOUS',
        `more than one revision ${way} ${listed([node])}: ${listed(next)}. Name the one that is meant`,
        { revisions: next.map(({ id }) => id) },
      )
    }
    node = only
  }
  return node
}
