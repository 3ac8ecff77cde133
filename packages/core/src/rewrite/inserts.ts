import {
  ColumnNode,
  type InsertQueryNode,
  type OperationNode,
  type PrimitiveValueListNode,
  SelectionNode,
  type SelectQueryNode,
  ValueListNode,
  ValuesNode,
} from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Behaving, Pass, Scene } from './pass.ts'
import { conflicting, ownOnly, type Target } from './writes.ts'

type Owner = Behaving & { readonly value: OperationNode }

/** An insert whose rows belong to whoever the context says, and whose update on conflict follows the rules of its table. */
export function inserting(
  query: InsertQueryNode,
  target: Target,
  pass: Pass,
  scene: Scene,
): InsertQueryNode {
  let owned = query
  for (const owner of pass.ownersOf(target.model, scene))
    owned = ownedBy(owned, owner, target, pass)
  const { onConflict } = owned
  if (onConflict === undefined) return owned
  return { ...owned, onConflict: conflicting(onConflict, target, pass, scene) }
}

function ownedBy(
  query: InsertQueryNode,
  owner: Owner,
  target: Target,
  pass: Pass,
): InsertQueryNode {
  const { columns = [], values, defaultValues } = query
  if (defaultValues === true) {
    const row = ValueListNode.create([owner.value])
    const { defaultValues: _, ...rest } = query
    return { ...rest, columns: [ColumnNode.create(owner.key)], values: ValuesNode.create([row]) }
  }
  const found = columns.findIndex(({ column }) => column.name === owner.key)
  const at = found < 0 ? undefined : found
  const rows = columns.length === 0 ? undefined : rowsOf(values, { owner, at, pass })
  if (rows === undefined) throw unknownOwner(target, owner)
  return {
    ...query,
    columns: at === undefined ? [...columns, ColumnNode.create(owner.key)] : columns,
    values: rows,
  }
}

interface Place {
  readonly owner: Owner
  /** Where the column stands; undefined: it is added at the end. */
  readonly at: number | undefined
  readonly pass: Pass
}

function rowsOf(values: OperationNode | undefined, place: Place): OperationNode | undefined {
  if (values?.kind === 'SelectQueryNode') return selected(values as SelectQueryNode, place)
  if (values?.kind !== 'ValuesNode') return undefined
  const { values: rows } = values as ValuesNode
  return ValuesNode.create(rows.map((row) => rowOf(row, place)))
}

function rowOf(
  row: PrimitiveValueListNode | ValueListNode,
  { owner, at, pass }: Place,
): ValueListNode {
  const items =
    row.kind === 'PrimitiveValueListNode'
      ? pass.split(row as PrimitiveValueListNode)
      : (row as ValueListNode).values
  return ValueListNode.create(
    at === undefined
      ? [...items, owner.value]
      : items.map((item, index) => (index === at ? ownOnly(item, owner) : item)),
  )
}

/** A select whose rows are inserted, with those of its set operations; undefined if it does not tell its columns apart. */
function selected(select: SelectQueryNode, place: Place): SelectQueryNode | undefined {
  const selections = selectionsOf(select.selections ?? [], place)
  const operations = select.setOperations?.map((operation) => {
    const { expression } = operation
    const isSelect = expression.kind === 'SelectQueryNode'
    const made = isSelect ? selected(expression as SelectQueryNode, place) : undefined
    return made && { ...operation, expression: made }
  })
  if (selections === undefined || operations?.includes(undefined) === true) return undefined
  return {
    ...select,
    selections,
    ...(operations && { setOperations: operations.filter((one) => one !== undefined) }),
  }
}

function selectionsOf(
  selections: readonly SelectionNode[],
  { owner, at }: Place,
): readonly SelectionNode[] | undefined {
  if (at === undefined)
    return [...selections, SelectionNode.create(owner.value as SelectionNode['selection'])]
  const before = selections.slice(0, at + 1)
  if (before.length <= at || before.some(({ selection }) => isAll(selection))) return undefined
  return selections.map((one, index) => {
    if (index !== at) return one
    const { selection } = one
    const value =
      selection.kind === 'AliasNode' ? (selection as { node: OperationNode }).node : selection
    return SelectionNode.create(ownOnly(value, owner) as SelectionNode['selection'])
  })
}

/** Whether it stands for any number of columns. */
function isAll(selection: OperationNode): boolean {
  if (selection.kind === 'SelectAllNode') return true
  const { column } = selection as { column?: OperationNode }
  return selection.kind === 'ReferenceNode' && column?.kind === 'SelectAllNode'
}

function unknownOwner({ model }: Target, { key, behaviour }: Owner): UsageError {
  return new UsageError(
    'BEHAVIOUR_INSERT',
    `it cannot be seen what an insert into ${model.name} writes to ${key}: insert values, or select into named columns without selectAll(), or lift it with unscoped('${behaviour.name}')`,
  )
}
