import type { ColumnNode, OperationNode, ReferenceNode } from 'kysely'
import type { Codec } from '../codec/codec.ts'

/** A column of a source or of a result; without a codec it is not known to be a column of a model. */
export interface Item {
  readonly name: string
  readonly codec: Codec | undefined
}

/** What a source or a query gives. */
export interface Output {
  readonly items: readonly Item[]
  /** There may be other columns than these, and of these names. */
  readonly open: boolean
  /** The order of the columns is that of tables, which only the database knows. */
  readonly ofStar: boolean
}

/** Something that the columns of a query may come from. */
export interface Visible extends Output {
  /** The name that its columns are qualified by; empty if nobody can. */
  readonly name: string
  /** Its columns are only found under its name, as those of `excluded`. */
  readonly aside?: boolean
}

/** What the names of columns in one query mean. */
export class Scope {
  readonly sources: readonly Visible[]
  readonly #outer: Scope | undefined

  constructor(sources: readonly Visible[], outer: Scope | undefined) {
    this.sources = sources
    this.#outer = outer
  }

  /** The codec of the column that a reference means; undefined where that is not certain. */
  codecOf(node: OperationNode): Codec | undefined {
    if (node.kind === 'ColumnNode') return this.#find((node as ColumnNode).column.name)
    if (node.kind !== 'ReferenceNode') return undefined
    const { column, table } = node as ReferenceNode
    if (column.kind !== 'ColumnNode') return undefined
    const { name } = column.column
    return table === undefined ? this.#find(name) : this.#findIn(table.table.identifier.name, name)
  }

  /** The source of this name, here or further out. */
  named(source: string): Visible | undefined {
    const found = this.sources.filter(({ name }) => name === source)
    return found.length === 0 ? this.#outer?.named(source) : found.at(0)
  }

  #findIn(source: string, column: string): Codec | undefined {
    const found = this.named(source)
    return found === undefined ? undefined : only(itemsNamed(found, column))
  }

  /** A query in which two sources had a column of this name would be refused by the server. */
  #find(column: string): Codec | undefined {
    const sources = this.sources.filter(({ aside }) => aside !== true)
    const found = sources.flatMap((source) => itemsNamed(source, column))
    if (found.length > 0) return only(found)
    const isCertain = this.#outer !== undefined && !sources.some(({ open }) => open)
    return isCertain ? this.#outer.#find(column) : undefined
  }
}

function itemsNamed({ items }: Output, column: string): Item[] {
  return items.filter(({ name }) => name === column)
}

function only(items: readonly Item[]): Codec | undefined {
  return items.length === 1 ? items[0]?.codec : undefined
}
