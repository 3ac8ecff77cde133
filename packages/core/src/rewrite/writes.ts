import {
  type CaseNode,
  CastNode,
  type ColumnDataType,
  ColumnNode,
  ColumnUpdateNode,
  DataTypeNode,
  type DeleteQueryNode,
  FromNode,
  type OnConflictNode,
  type OperationNode,
  type ReferenceNode,
  type UpdateQueryNode,
  WhenNode,
  WhereNode,
} from 'kysely'
import { type Behaving, behavioursOf, columnOf, nodeOf, type Pass, type Scene } from './pass.ts'
import type { Source } from './sources.ts'
import { both } from './tree.ts'

/** A source that is known to be a model's table. */
export type Target = Source & { readonly model: NonNullable<Source['model']> }

/** An update with what the behaviours of its table set. */
export function updating(
  query: UpdateQueryNode,
  target: Target,
  pass: Pass,
  scene: Scene,
): UpdateQueryNode {
  const updates = updatesOf(query.updates ?? [], target, pass, scene)
  return updates === query.updates ? query : { ...query, updates }
}

/** ON CONFLICT DO UPDATE as an update of a row that is seen; a hidden one stays as it is. */
export function conflicting(
  conflict: OnConflictNode,
  target: Target,
  pass: Pass,
  scene: Scene,
): OnConflictNode {
  if (conflict.updates === undefined) return conflict
  const updates = updatesOf(conflict.updates, target, pass, scene)
  const scopes = pass.scopesOf(target.model, target.name, scene)
  const where = both(conflict.updateWhere?.where, scopes)
  return { ...conflict, updates, ...(where && { updateWhere: WhereNode.create(where) }) }
}

/** The update by which a model keeps the rows that are deleted; undefined if it does not keep them. */
export function keeping(query: DeleteQueryNode, target: Target): UpdateQueryNode | undefined {
  const deletions = behavioursOf(target.model).flatMap(({ key, behaviour: { onDelete } }) =>
    onDelete === undefined ? [] : [setting(key, nodeOf(onDelete()))],
  )
  if (deletions.length === 0) return undefined
  const { from: _, using, kind: __, ...rest } = query
  return {
    ...rest,
    kind: 'UpdateQueryNode',
    table: target.node,
    ...(using && { from: FromNode.create(using.tables) }),
    updates: [...deletions, ...touched(deletions, target)],
  }
}

/** A value that becomes null, which its column refuses, if it is somebody else's. */
export function ownOnly(
  written: OperationNode,
  { type, value }: Behaving & { readonly value: OperationNode },
): OperationNode {
  if (written.kind === 'DefaultInsertValueNode') return value
  const checked: CaseNode = {
    kind: 'CaseNode',
    value: CastNode.create(written, DataTypeNode.create(type as ColumnDataType)),
    when: [WhenNode.cloneWithResult(WhenNode.create(value), value)],
  }
  return checked
}

function updatesOf(
  updates: readonly ColumnUpdateNode[],
  target: Target,
  pass: Pass,
  scene: Scene,
): readonly ColumnUpdateNode[] {
  const owners = pass.ownersOf(target.model, scene)
  const checked = updates.map((update) => {
    const owner = owners.find(({ key }) => key === nameOf(update.column))
    return owner ? { ...update, value: ownOnly(update.value, owner) } : update
  })
  const further = touched(updates, target)
  const isSame = further.length === 0 && checked.every((one, at) => one === updates[at])
  return isSame ? updates : [...checked, ...further]
}

/** What each update sets, as far as this one does not. */
function touched(
  updates: readonly ColumnUpdateNode[],
  { model, name }: Target,
): ColumnUpdateNode[] {
  const set = new Set(updates.map(({ column }) => nameOf(column)))
  return behavioursOf(model).flatMap(({ key, behaviour: { onUpdate } }) =>
    onUpdate === undefined || set.has(key)
      ? []
      : [setting(key, nodeOf(onUpdate(columnOf(name, key))))],
  )
}

function setting(key: string, value: OperationNode): ColumnUpdateNode {
  return ColumnUpdateNode.create(ColumnNode.create(key), value)
}

function nameOf(column: OperationNode): string | undefined {
  if (column.kind === 'ReferenceNode') return nameOf((column as ReferenceNode).column)
  return column.kind === 'ColumnNode' ? (column as ColumnNode).column.name : undefined
}
