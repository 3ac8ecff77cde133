import type {
  BinaryOperationNode,
  ColumnNode,
  ColumnUpdateNode,
  FunctionNode,
  InsertQueryNode,
  MergeQueryNode,
  OperationNode,
  PrimitiveValueListNode,
  UpdateQueryNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
} from 'kysely'
import type { Encoder, Encoders } from '../engine/rewriter.ts'
import type { Model } from '../model/model.ts'
import { pairsOf } from './comparisons.ts'
import { codecOf, type Surroundings } from './outputs.ts'
import { type ModelsByName, sourcesOf } from './sources.ts'
import { walk } from './walk.ts'

/**
 * What the values of a query have to be put through before pg sees them: by the columns that they are written to, or compared with.
 * Undefined if that is nothing.
 */
export function encodersOf(root: OperationNode, models: ModelsByName): Encoders | undefined {
  const found: Found = new Map()
  walk(root, models, (node, around) => {
    if (WRITE_KINDS.has(node.kind)) written(node, around, found)
    else if (node.kind === 'BinaryOperationNode')
      compared(node as BinaryOperationNode, around, found)
    else if (node.kind === 'FunctionNode') replaced(node as FunctionNode, around, found)
  })
  return found.size === 0 ? undefined : found
}

const WRITE_KINDS = new Set(['InsertQueryNode', 'UpdateQueryNode', 'MergeQueryNode'])

type Found = Map<OperationNode, Encoder | readonly (Encoder | undefined)[]>

function written(query: OperationNode, { models, ctes }: Surroundings, found: Found): void {
  const [target] = sourcesOf(query, models, new Set(ctes.keys()))
  const model = target?.model
  if (model === undefined) return
  writes(query, model, found)
  if (query.kind !== 'MergeQueryNode') return
  for (const { result } of (query as MergeQueryNode).whens ?? [])
    if (result !== undefined) writes(result, model, found)
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

function compared(comparison: BinaryOperationNode, around: Surroundings, found: Found): void {
  for (const [one, other] of pairsOf(comparison)) {
    note(other, codecOf(one, around)?.encode, found)
    note(one, codecOf(other, around)?.encode, found)
  }
}

/** `coalesce(column, value)` */
function replaced(call: FunctionNode, around: Surroundings, found: Found): void {
  if (call.func !== 'coalesce') return
  const encoder = codecOf(call, around)?.encode
  for (const argument of call.arguments) note(argument, encoder, found)
}

function note(value: OperationNode, encoder: Encoder | undefined, found: Found): void {
  if (encoder === undefined) return
  if (value.kind === 'ValueNode' && (value as ValueNode).immediate !== true)
    found.set(value, encoder)
  else if (value.kind === 'PrimitiveValueListNode')
    found.set(
      value,
      (value as PrimitiveValueListNode).values.map(() => encoder),
    )
}

function encoderOf({ columns }: Model, name: string): Encoder | undefined {
  return columns[name]?.definition.codec.encode
}
