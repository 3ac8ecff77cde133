import type { OperationNode } from 'kysely'

/** The place of one shape of query among all that were seen; what belongs to the shape is kept on it. */
export class ShapePlace<Kept> {
  kept: Kept | undefined
  readonly next: Map<number, ShapePlace<Kept>> = new Map()
}

/** A query apart from its values: two queries of the same shape compile to the same text. */
export interface QueryShape<Kept> {
  readonly place: ShapePlace<Kept>
  /** The values that become parameters, in the order of the walk. */
  readonly values: readonly unknown[]
}

/** Longer shapes are not worth remembering: bulk inserts, of which every size would be a shape of its own. */
const LONGEST = 2_048
const LONGEST_TEXT = 1_000
const MOST_PLACES = 30_000
const MOST_WORDS = 20_000

/** What a step of the walk means; the lower bits of its token. */
const NODE = 0
const FIELD = 1
const TEXT = 2
const LITERAL = 3
const LIST = 4
const VALUES = 5
const END = 6
const KINDS_OF_STEP = 8

/**
 * Finds the shape of query trees again by walking them: each kind of node, field name, text, flag and length is one step from place to
 * place, and only the values of parameters are left out. Exact, and cheaper than any key that would have to be written down first.
 *
 * Bounded: when it holds too much it starts anew.
 */
export class ShapeIndex<Kept> {
  #root = new ShapePlace<Kept>()
  #places = 0
  readonly #words = new Map<string, number>()

  /** The shape of `tree`; undefined if it is too large to be remembered. */
  find(tree: OperationNode): QueryShape<Kept> | undefined {
    if (this.#places > MOST_PLACES || this.#words.size > MOST_WORDS) this.#startAnew()
    const walk = new Walk<Kept>(this.#root, (word) => this.#numberOf(word))
    walk.node(tree)
    this.#places += walk.added
    return walk.steps > LONGEST ? undefined : walk
  }

  /**
   * Where each node with values comes in the order of the walk. Undefined if one stands in two places of the tree: its value would be taken
   * for both, and in the next query of this shape they may differ.
   */
  startsIn(tree: OperationNode): ReadonlyMap<OperationNode, number> | undefined {
    const starts = new Map<OperationNode, number>()
    const walk = new Walk<Kept>(new ShapePlace(), (word) => this.#numberOf(word), starts)
    walk.node(tree)
    return walk.isAmbiguous ? undefined : starts
  }

  #numberOf(word: string): number {
    const known = this.#words.get(word)
    if (known !== undefined) return known
    const number = this.#words.size
    this.#words.set(word, number)
    return number
  }

  #startAnew(): void {
    this.#root = new ShapePlace()
    this.#places = 0
    this.#words.clear()
  }
}

class Walk<Kept> implements QueryShape<Kept> {
  place: ShapePlace<Kept>
  readonly values: unknown[] = []
  steps = 0
  /** Places that nobody had come to before. */
  added = 0
  readonly #numberOf: (word: string) => number
  readonly #starts: Map<OperationNode, number> | undefined
  /** A node with values stands in two places. */
  isAmbiguous = false

  constructor(
    root: ShapePlace<Kept>,
    numberOf: (word: string) => number,
    starts?: Map<OperationNode, number>,
  ) {
    this.place = root
    this.#numberOf = numberOf
    this.#starts = starts
  }

  node(node: OperationNode): void {
    if (this.steps > LONGEST) return
    const { kind } = node
    if (kind === 'ValueNode' && asValue(node).immediate !== true) {
      this.#note(node)
      this.#step(VALUES, 0)
      this.values.push(asValue(node).value)
    } else if (kind === 'PrimitiveValueListNode') {
      const { values } = node as ValuesLike
      this.#note(node)
      this.#step(VALUES, values.length + 1)
      for (const value of values) this.values.push(value)
    } else {
      this.#step(NODE, this.#numberOf(kind))
      this.#fields(node)
    }
  }

  #fields(of: object): void {
    const fields = of as Record<string, unknown>
    for (const name in fields) {
      const field = fields[name]
      if (field === undefined || name === 'kind') continue
      this.#step(FIELD, this.#numberOf(name))
      this.#field(field)
    }
    this.#step(END, 0)
  }

  #field(field: unknown): void {
    if (typeof field === 'string') this.#text(field)
    else if (typeof field !== 'object' || field === null) this.#literal(field)
    else if (Array.isArray(field)) {
      this.#step(LIST, field.length)
      for (const item of field) this.#field(item)
    } else if ('kind' in field) this.node(field as OperationNode)
    else if (field instanceof Date) this.#literal(field.getTime(), 'date')
    else {
      this.#step(LITERAL, this.#numberOf('object'))
      this.#fields(field)
    }
  }

  /** A long text is somebody's own, and would be held for the next time that never comes. */
  #text(text: string, kind = TEXT): void {
    if (text.length > LONGEST_TEXT) this.steps = LONGEST
    this.#step(kind, text.length > LONGEST_TEXT ? 0 : this.#numberOf(text))
  }

  /** A literal is written into the text, so that it is part of the shape. */
  #literal(value: unknown, type: string = typeof value): void {
    this.#text(`${type} ${String(value)}`, LITERAL)
  }

  #step(kind: number, detail: number): void {
    this.steps += 1
    if (this.steps > LONGEST) return
    const token = detail * KINDS_OF_STEP + kind
    let next = this.place.next.get(token)
    if (next === undefined) {
      next = new ShapePlace()
      this.place.next.set(token, next)
      this.added += 1
    }
    this.place = next
  }

  #note(node: OperationNode): void {
    if (this.#starts?.has(node) === true) this.isAmbiguous = true
    this.#starts?.set(node, this.values.length)
  }
}

interface ValueLike extends OperationNode {
  readonly value: unknown
  readonly immediate?: boolean
}

interface ValuesLike extends OperationNode {
  readonly values: readonly unknown[]
}

function asValue(node: OperationNode): ValueLike {
  return node as ValueLike
}
