import { MigrationError } from '../migration-error.ts'

/** What the graph needs to know of a revision. */
export interface RevisionNode {
  readonly id: string
  readonly parents: readonly string[]
  /** For messages. */
  readonly name?: string
  readonly label?: string
  /** Ids that stand for this revision too. */
  readonly replaces?: readonly string[]
}

/**
 * The revisions as a graph without cycles, where each points to the ones it builds on. Knows nothing of files or databases.
 *
 * @see Alembic's script directory for heads, bases, merges and relative steps
 */
export class RevisionGraph<Node extends RevisionNode> {
  /** Every revision, parents before children; where the graph leaves a choice, in the order given. */
  readonly order: readonly Node[]
  /** Those that no other builds on, in `order`. */
  readonly heads: readonly Node[]
  readonly #nodes: ReadonlyMap<string, Node>
  readonly #stands: ReadonlyMap<string, string>
  readonly #children: ReadonlyMap<string, readonly Node[]>

  /**
   * @throws {MigrationError} `REVISION_AMBIGUOUS` if an id appears twice, `REVISION_UNKNOWN` if a parent does not exist,
   *   `REVISION_CYCLE` if a revision is its own ancestor
   */
  constructor(revisions: readonly Node[]) {
    this.#nodes = byId(revisions)
    this.#stands = standIns(revisions, this.#nodes)
    this.#children = childrenOf(revisions, this.#nodes, this.#stands)
    this.order = sorted(revisions, this.#children, (node) => this.parents(node).length)
    if (this.order.length < revisions.length) throw cycle(revisions, this.order)
    this.heads = this.headsAmong(new Set(this.#nodes.keys()))
  }

  /** The revision with exactly this id. */
  get(id: string): Node | undefined {
    return this.#nodes.get(id)
  }

  /** The id of the revision that has taken the place of this one, or the id itself. */
  current(id: string): string {
    return this.#stands.get(id) ?? id
  }

  /** What a revision builds on, by the ids of the graph, each once. */
  parents(node: Node): string[] {
    return [...new Set(node.parents.map((id) => this.current(id)))]
  }

  /** Those that name this one as a parent. */
  children(id: string): readonly Node[] {
    return this.#children.get(id) ?? []
  }

  /**
   * The revision with this id, or the only one whose id begins so.
   *
   * @throws {MigrationError} `REVISION_UNKNOWN`, `REVISION_AMBIGUOUS`
   */
  find(reference: string): Node {
    const exact = this.#nodes.get(this.current(reference))
    if (exact !== undefined) return exact
    const matches = reference === '' ? [] : this.order.filter(({ id }) => id.startsWith(reference))
    const [only] = matches
    if (only === undefined) {
      throw new MigrationError(
        'REVISION_UNKNOWN',
        `no revision has the id ${JSON.stringify(reference)}: aquifer history lists them all`,
      )
    }
    if (matches.length > 1) {
      throw new MigrationError(
        'REVISION_AMBIGUOUS',
        `${matches.length} revisions have an id that begins with ${reference}: ${listed(matches)}. Give more of it`,
        { revisions: matches.map(({ id }) => id) },
      )
    }
    return only
  }

  /** These revisions and all that they build on. An id that the graph does not hold is passed over. */
  withAncestors(ids: Iterable<string>): Set<string> {
    return this.#reach(ids, (id) => {
      const node = this.#nodes.get(id)
      return node === undefined ? [] : this.parents(node)
    })
  }

  /** These revisions and all that build on them. An id that the graph does not hold is passed over. */
  withDescendants(ids: Iterable<string>): Set<string> {
    return this.#reach(ids, (id) => this.children(id).map((child) => child.id))
  }

  /**
   * The one head; undefined if there is no revision at all.
   *
   * @throws {MigrationError} `REVISION_HEADS` if there are several
   */
  get singleHead(): Node | undefined {
    if (this.heads.length > 1) throw severalHeads(this.heads)
    return this.heads[0]
  }

  /** The revisions of a set that no other of the set builds on, in `order`. */
  headsAmong(ids: ReadonlySet<string>): Node[] {
    return this.order.filter(
      ({ id }) => ids.has(id) && !this.children(id).some((child) => ids.has(child.id)),
    )
  }

  #reach(ids: Iterable<string>, next: (id: string) => readonly string[]): Set<string> {
    const found = new Set<string>()
    const waiting = [...ids]
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (found.has(id) || !this.#nodes.has(id)) continue
      found.add(id)
      waiting.push(...next(id))
    }
    return found
  }
}

/** Ids and names, as messages show them. */
export function listed(revisions: readonly RevisionNode[]): string {
  return revisions.map(({ id, name }) => name ?? id).join(', ')
}

function byId<Node extends RevisionNode>(revisions: readonly Node[]): Map<string, Node> {
  const nodes = new Map<string, Node>()
  for (const revision of revisions) {
    const other = nodes.get(revision.id)
    if (other !== undefined) {
      throw new MigrationError(
        'REVISION_AMBIGUOUS',
        `two revisions have the id ${revision.id}: ${listed([other, revision])}. Give one of them another id, in its header and its name`,
        { revisions: [revision.id] },
      )
    }
    nodes.set(revision.id, revision)
  }
  return nodes
}

function standIns(
  revisions: readonly RevisionNode[],
  nodes: ReadonlyMap<string, RevisionNode>,
): Map<string, string> {
  const stands = new Map<string, string>()
  for (const revision of revisions) {
    for (const id of revision.replaces ?? []) {
      const other = nodes.get(stands.get(id) ?? id)
      if (other !== undefined) {
        throw new MigrationError(
          'REVISION_AMBIGUOUS',
          `${listed([revision])} replaces ${id}, and so does, or is, ${listed([other])}: delete one of the files`,
          { revisions: [revision.id, id] },
        )
      }
      stands.set(id, revision.id)
    }
  }
  return stands
}

function childrenOf<Node extends RevisionNode>(
  revisions: readonly Node[],
  nodes: ReadonlyMap<string, Node>,
  stands: ReadonlyMap<string, string>,
): Map<string, Node[]> {
  const children = new Map<string, Node[]>(revisions.map(({ id }) => [id, []]))
  for (const revision of revisions) {
    for (const parent of new Set(revision.parents.map((id) => stands.get(id) ?? id))) {
      if (!nodes.has(parent)) {
        throw new MigrationError(
          'REVISION_UNKNOWN',
          `${listed([revision])} builds on ${parent}, which no file holds: bring that file back, or correct \`parents\``,
          { revisions: [revision.id, parent] },
        )
      }
      children.get(parent)?.push(revision)
    }
  }
  return children
}

/** Kahn's algorithm; among those whose parents are all placed, the one given first comes first. */
function sorted<Node extends RevisionNode>(
  revisions: readonly Node[],
  children: ReadonlyMap<string, readonly Node[]>,
  parentsOf: (node: Node) => number,
): Node[] {
  const place = new Map(revisions.map(({ id }, index) => [id, index]))
  const missing = new Map(revisions.map((node) => [node.id, parentsOf(node)]))
  const ready = revisions.filter(({ parents }) => parents.length === 0)
  const order: Node[] = []
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    order.push(next)
    for (const child of children.get(next.id) ?? []) {
      const left = (missing.get(child.id) ?? 0) - 1
      missing.set(child.id, left)
      if (left > 0) continue
      const at = ready.findIndex(({ id }) => (place.get(id) ?? 0) > (place.get(child.id) ?? 0))
      ready.splice(at < 0 ? ready.length : at, 0, child)
    }
  }
  return order
}

function cycle(
  revisions: readonly RevisionNode[],
  placed: readonly RevisionNode[],
): MigrationError {
  const settled = new Set(placed.map(({ id }) => id))
  const left = new Map(
    revisions.filter(({ id }) => !settled.has(id)).map((node) => [node.id, node]),
  )
  // Whoever was not placed has a parent that was not placed either: going up must come round.
  const path: RevisionNode[] = []
  let node = left.values().next().value
  while (node !== undefined && !path.includes(node)) {
    path.push(node)
    node = node.parents.map((parent) => left.get(parent)).find((parent) => parent !== undefined)
  }
  const round = node === undefined ? path : [...path.slice(path.indexOf(node)), node]
  return new MigrationError(
    'REVISION_CYCLE',
    `revisions build on each other in a circle: ${round.map(({ id }) => id).join(' -> ')}. Correct \`parents\` of one of them`,
    { revisions: [...new Set(round.map(({ id }) => id))] },
  )
}

/** The refusal where several heads leave it open which one is meant. */
function severalHeads(heads: readonly RevisionNode[]): MigrationError {
  return new MigrationError(
    'REVISION_HEADS',
    `there are ${heads.length} heads: ${listed(heads)}. Join them with aquifer merge, ` +
      'or say which one by its id; aquifer upgrade heads takes all of them',
    { revisions: heads.map(({ id }) => id) },
  )
}
