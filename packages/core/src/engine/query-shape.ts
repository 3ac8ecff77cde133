import type { OperationNode } from 'kysely'

/** A query without its values: two queries of the same shape compile to the same text. */
export interface QueryShape {
  /** Equal for equal shapes. */
  readonly key: string
  /** The values that become parameters, in the order of the walk. */
  readonly values: readonly unknown[]
}

/** A key longer than this is not worth keeping: bulk inserts, of which every size would be a shape of its own. */
const LONGEST_KEY = 16_384

/**
 * The shape of a query tree, or undefined if it is too large to be worth remembering.
 *
 * Everything but the values of parameters is part of the key: the kinds of nodes, their fields in order, and every text, number
 * and flag in them, each marked with its type and closed, so that no two trees share one.
 */
export function shapeOf(root: OperationNode): QueryShape | undefined {
  const walk = new ShapeWalk()
  walk.visit(root)
  return walk.tooLong ? undefined : walk
}

/**
 * Where each value of a tree comes in the order of the walk, for the one who compiles it. Undefined if a node stands in two places: its
 * value would be taken for both, and in the next query of this shape they may differ.
 */
export function valuePlaces(root: OperationNode): ReadonlyMap<OperationNode, number> | undefined {
  const places = new Map<OperationNode, number>()
  const walk = new ShapeWalk(places)
  walk.visit(root)
  return walk.ambiguous ? undefined : places
}

class ShapeWalk implements QueryShape {
  key = ''
  readonly values: unknown[] = []
  /** A value node stands in two places of the tree. */
  ambiguous = false
  readonly #places: Map<OperationNode, number> | undefined

  constructor(places?: Map<OperationNode, number>) {
    this.#places = places
  }

  get tooLong(): boolean {
    return this.key.length > LONGEST_KEY
  }

  visit(node: OperationNode): void {
    if (this.tooLong) return
    const { kind } = node
    if (kind === 'ValueNode' && asValue(node).immediate !== true) {
      this.#note(node)
      this.key += '?'
      this.values.push(asValue(node).value)
    } else if (kind === 'PrimitiveValueListNode') {
      const { values } = node as ValuesLike
      this.#note(node)
      this.key += `?${values.length}`
      for (const value of values) this.values.push(value)
    } else {
      this.key += `{${kind}`
      const fields = node as unknown as Record<string, unknown>
      for (const name in fields) {
        if (name === 'kind') continue
        const field = fields[name]
        if (field === undefined) continue
        this.key += `;${name}:`
        this.#field(field)
      }
      this.key += '}'
    }
  }

  #note(node: OperationNode): void {
    if (this.#places === undefined) return
    if (this.#places.has(node)) this.ambiguous = true
    this.#places.set(node, this.values.length)
  }

  #field(field: unknown): void {
    if (typeof field === 'string') this.key += `'${field.length}'${field}`
    else if (Array.isArray(field)) {
      this.key += '['
      for (const item of field) this.#field(item)
      this.key += ']'
    } else if (isNode(field)) this.visit(field)
    else this.#literal(field)
  }

  /** A literal is written into the text, so that it is part of the shape. */
  #literal(value: unknown): void {
    if (value instanceof Date) this.key += `date${value.getTime()},`
    else if (typeof value === 'object' && value !== null) this.#object(value)
    else this.key += `${typeof value}${String(value)},`
  }

  #object(value: object): void {
    this.key += '<'
    for (const [name, field] of Object.entries(value)) {
      this.key += `'${name.length}'${name}=`
      this.#field(field)
    }
    this.key += '>'
  }
}

interface ValueLike extends OperationNode {
  readonly value: unknown
  readonly immediate?: boolean
}

function asValue(node: OperationNode): ValueLike {
  return node as ValueLike
}

interface ValuesLike extends OperationNode {
  readonly values: readonly unknown[]
}

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && 'kind' in value
}
