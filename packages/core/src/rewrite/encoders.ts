import type {
  ColumnNode,
  ColumnUpdateNode,
  InsertQueryNode,
  OperationNode,
  PrimitiveValueListNode,
  UpdateQueryNode,
  ValueListNode,
  ValuesNode,
} from 'kysely'
import type { Encoder, Encoders } from '../engine/rewriter.ts'
import type { Model } from '../model/model.ts'
import { ctesOf, isQuery, type ModelsByName, sourcesOf } from './sources.ts'

/**
 * What the values of a query have to be put through before pg sees them, by the columns that they are written to. Undefined if
 * that is nothing.
 */
export function encodersOf(root: OperationNode, models: ModelsByName): Encoders | undefined {
  const found = new Map<OperationNode, Encoder | readonly (Encoder | undefined)[]>()
  visit(root, models, new Set(), found)
  return found.size === 0 ? undefined : found
}

type Found = Map<OperationNode, Encoder | readonly (Encoder | undefined)[]>

function visit(
  node: OperationNode,
  models: ModelsByName,
  hidden: ReadonlySet<string>,
  found: Found,
): void {
  let names = hidden
  if (isQuery(node)) {
    const own = ctesOf(node)
    if (own.length > 0) names = new Set([...hidden, ...own])
    const [written] = sourcesOf(node, models, names)
    if (written?.model !== undefined) writes(node, written.model, found)
  }
  for (const child of childrenOf(node)) visit(child, models, names, found)
}

function writes(query: OperationNode, model: Model, found: Found): void {
  if (query.kind === 'InsertQueryNode') {
    const { columns = [], values, onConflict } = query as InsertQueryNode
    if (values?.kind === 'ValuesNode') inserted(values as ValuesNode, columns, model, found)
    updated(onConflict?.updates ?? [], model, found)
  } else if (query.kind === 'UpdateQueryNode') {
    updated((query as UpdateQueryNode).updates ?? [], model, found)
  }
}

function inserted(
  { values: rows }: ValuesNode,
  columns: readonly ColumnNode[],
  model: Model,
  found: Found,
): void {
  const encoders = columns.map(({ column }) => encoderOf(model, column.name))
  if (encoders.every((one) => one === undefined)) return
  for (const row of rows as readonly (PrimitiveValueListNode | ValueListNode)[]) {
    if (row.kind === 'PrimitiveValueListNode') found.set(row, encoders)
    else {
      for (const [at, item] of row.values.entries()) note(item, encoders[at], found)
    }
  }
}

function updated(updates: readonly ColumnUpdateNode[], model: Model, found: Found): void {
  for (const { column, value } of updates) {
    if (column.kind === 'ColumnNode')
      note(value, encoderOf(model, (column as ColumnNode).column.name), found)
  }
}

function note(value: OperationNode, encoder: Encoder | undefined, found: Found): void {
  if (encoder !== undefined && value.kind === 'ValueNode') found.set(value, encoder)
}

function encoderOf({ columns }: Model, name: string): Encoder | undefined {
  return columns[name]?.definition.codec.encode
}

function childrenOf(node: OperationNode): OperationNode[] {
  return Object.values(node).flatMap(nodesIn)
}

function nodesIn(value: unknown): OperationNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn)
  const isNode = typeof value === 'object' && value !== null && 'kind' in value
  return isNode ? [value as OperationNode] : []
}
