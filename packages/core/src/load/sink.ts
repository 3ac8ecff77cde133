import type { OperationNode } from 'kysely'
import type { Codec } from '../codec/codec.ts'
import { call, cast, named } from './select-nodes.ts'

/** An expression that a row needs, and what is known of it. */
export interface Wanted {
  readonly node: OperationNode
  readonly codec: Codec
  /** Two that are wanted under one identity share a cell. */
  readonly identity?: string | undefined
  /** The name that it would have by itself. */
  readonly name?: string | undefined
}

/** Collects the cells that rows are made of. */
export interface Sink {
  /** Returns the number of the cell. */
  add(wanted: Wanted): number
}

abstract class CountingSink implements Sink {
  readonly #known = new Map<string, number>()
  #count = 0

  get count(): number {
    return this.#count
  }

  add(wanted: Wanted): number {
    const { identity } = wanted
    const known = identity === undefined ? undefined : this.#known.get(identity)
    if (known !== undefined) return known
    const cell = this.#count
    this.#count += 1
    if (identity !== undefined) this.#known.set(identity, cell)
    this.place(wanted, cell)
    return cell
  }

  protected abstract place(wanted: Wanted, cell: number): void
}

/** Cells that are columns of a statement of ours. */
export class FlatSink extends CountingSink {
  readonly #nodes: OperationNode[] = []
  readonly names: string[] = []

  get selections(): readonly OperationNode[] {
    return this.#nodes.map((node, at) => named(node, this.names[at] as string))
  }

  protected place({ node, name }: Wanted, cell: number): void {
    this.#nodes.push(node)
    this.names.push(name === undefined || this.names.includes(name) ? `$${cell}` : name)
  }
}

/** Cells beside the columns that a query has selected itself. */
export class BesideSink extends CountingSink {
  /** Under which name each cell is found. */
  readonly names: string[] = []
  readonly selections: OperationNode[] = []
  readonly #reuse: (identity: string) => string | undefined

  /** @param reuse the name under which the query has selected it already */
  constructor(reuse: (identity: string) => string | undefined) {
    super()
    this.#reuse = reuse
  }

  protected place({ node, identity }: Wanted, cell: number): void {
    const known = identity === undefined ? undefined : this.#reuse(identity)
    this.names.push(known ?? `$${cell}`)
    if (known === undefined) this.selections.push(named(node, `$${cell}`))
  }
}

/** Functions take no more than 100 arguments. */
const MOST_ARGUMENTS = 100

/** Cells that are items of a JSON array. */
export class ArraySink extends CountingSink {
  readonly #items: OperationNode[] = []

  get chunked(): boolean {
    return this.count > MOST_ARGUMENTS
  }

  get node(): OperationNode {
    if (!this.chunked) return call('json_build_array', ...this.#items)
    const chunks: OperationNode[] = []
    for (let at = 0; at < this.#items.length; at += MOST_ARGUMENTS)
      chunks.push(call('json_build_array', ...this.#items.slice(at, at + MOST_ARGUMENTS)))
    return call('json_build_array', ...chunks)
  }

  protected place({ node, codec }: Wanted): void {
    this.#items.push(codec.inJson === 'text' ? cast(node, 'text') : node)
  }
}
