import type { OperationNode, RootOperationNode, SelectQueryNode } from 'kysely'
import type { Decoder } from '../codec/registry.ts'
import type { NamedField, RowReader } from '../pool/row-reader.ts'

/** Makes a query into what is sent, by the models that it names. Called once for each shape of query; values stay in their nodes. */
export interface Rewriter {
  rewrite(root: RootOperationNode): Rewritten
  /** The same of a query that is written in PostgreSQL's own names and compiled without a memory. */
  rewritePlain(root: RootOperationNode): RootOperationNode
}

/** A query as it is sent, and what the columns that it reads and the values that it brings have to be put through. */
export interface Rewritten {
  readonly node: RootOperationNode
  /** Decoders of columns of the result, by their names in TypeScript, where the type of the column does not say it. */
  readonly decoders?: ReadonlyMap<string, Decoder> | undefined
  readonly encoders?: Encoders | undefined
  /** Values that stood in a list of the caller's and stand in nodes of their own now. */
  readonly splits?: ReadonlyMap<OperationNode, SplitValue> | undefined
  readonly rules?: Rules | undefined
}

/** Where a value stood. */
export interface SplitValue {
  readonly of: OperationNode
  readonly at: number
}

/** What is to be seen to when a query runs. */
export interface Rules {
  /** The entries that the context of the session has to have. */
  readonly requires: readonly string[]
  /** The columns whose NOT NULL refuses the rows of others. */
  readonly owned: ReadonlySet<string>
  readonly whenNone: WhenNone | undefined
}

/** What follows if a write of this kind has changed no row. */
export type WhenNone = (query: RootOperationNode) => {
  readonly select: SelectQueryNode
  /** Makes the error out of what was found. */
  refuse(rows: readonly unknown[]): Error
}

/** By the node that brings the values; a list has one for each of them. */
export type Encoders = ReadonlyMap<OperationNode, Encoder | readonly (Encoder | undefined)[]>

/** Makes a value of the caller's ready for pg. */
export type Encoder = (value: unknown) => unknown

/** Makes the reader of a result when its description arrives. */
export type NamedReader = (fields: readonly NamedField[]) => RowReader

/** A select of its own among those that a query is split into. */
export interface Part {
  readonly node: SelectQueryNode
  /** @default objects under the names of the columns */
  readonly read?: NamedReader
}

/** Runs further selects where the query has run; resolves to the rows of each. */
export type Again = (parts: readonly Part[]) => Promise<readonly (readonly unknown[])[]>

/** A query split into selects that travel in one flight. */
export interface Expansion {
  /** The first is the query itself. */
  readonly parts: readonly [Part, ...Part[]]
  /**
   * Makes the rows of the query out of those of its parts. Absent: they are those of the first part.
   *
   * @param query the one that has run, which brings its own values
   */
  readonly assemble?: (
    results: readonly (readonly unknown[])[],
    again: Again,
    query: RootOperationNode,
  ) => readonly unknown[] | Promise<readonly unknown[]>
}

/**
 * A node in a select's tree, under the root's `attached`, that makes more of the query than one plain statement. What it holds in its
 * fields is a part of the query's shape, and its value nodes are parameters.
 */
export interface Attached extends OperationNode {
  /** Splits the query. Called once for each shape of query. */
  expand(root: SelectQueryNode): Expansion
  /** The query for reading it piece by piece: one statement whose rows are whole. */
  expandForStream(root: SelectQueryNode): Expansion
}

/** A select with a node attached to it. */
export function attach(root: SelectQueryNode, attached: Attached): SelectQueryNode {
  return Object.freeze({ ...root, attached }) as SelectQueryNode
}

/** What is attached to a query. */
export function attachedTo(root: RootOperationNode): Attached | undefined {
  return (root as { readonly attached?: Attached }).attached
}
