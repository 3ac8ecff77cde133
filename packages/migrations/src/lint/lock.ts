import type { AlterTableCmd } from 'libpg-query'
import { declaredColumn, rewritesTable } from './added-column.ts'
import type { Known } from './known.ts'
import { type AnyNode, asAny } from './parse-node.ts'
import { type TableName, tableOf, tableOfList } from './table-name.ts'

/** PostgreSQL's lock modes that a change of the schema takes, weakest first. */
export const LOCK_MODES = [
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const

/** One of `LOCK_MODES`. */
export type LockMode = (typeof LOCK_MODES)[number]

/** A lock that a statement takes on a table. */
export interface TableLock {
  readonly table: TableName
  readonly mode: LockMode
  /** Whether the statement works through the table's rows while it holds the lock. */
  readonly slow: boolean
}

/** Who waits for a lock. */
export function blockedBy(mode: LockMode): string {
  switch (mode) {
    case 'ACCESS EXCLUSIVE':
      return 'reads and writes wait'
    case 'SHARE':
    case 'SHARE ROW EXCLUSIVE':
    case 'EXCLUSIVE':
      return 'writes wait'
    case 'SHARE UPDATE EXCLUSIVE':
      return 'other schema changes and vacuum wait'
    case 'ROW EXCLUSIVE':
      return 'writers of the same rows wait'
  }
}

/** Whether readers or writers of the table wait for it. */
export function isStrong(mode: LockMode): boolean {
  return LOCK_MODES.indexOf(mode) >= LOCK_MODES.indexOf('SHARE')
}

/** The stronger of each table's locks that a statement takes on tables that were there before the change. */
export function locksOf(node: AnyNode, known: Known): TableLock[] {
  const strongest = new Map<string, TableLock>()
  for (const lock of everyLock(node, known)) {
    if (known.isNew(lock.table)) continue
    const key = known.key(lock.table)
    const before = strongest.get(key)
    const stronger =
      before === undefined || LOCK_MODES.indexOf(lock.mode) > LOCK_MODES.indexOf(before.mode)
    const { table, mode } = stronger ? lock : before
    strongest.set(key, { table, mode, slow: lock.slow || (before?.slow ?? false) })
  }
  return [...strongest.values()]
}

function* everyLock(node: AnyNode, known: Known): Generator<TableLock> {
  const on = (table: TableName | undefined, mode: LockMode, slow = false): TableLock[] =>
    table === undefined ? [] : [{ table, mode, slow }]
  const {
    AlterTableStmt: alter,
    CreateStmt: create,
    IndexStmt: index,
    DropStmt: drop,
    RenameStmt: rename,
    AlterObjectSchemaStmt: move,
    TruncateStmt: truncate,
    ReindexStmt: reindex,
    ClusterStmt: cluster,
    VacuumStmt: vacuum,
    RefreshMatViewStmt: refresh,
    CreateTrigStmt: trigger,
    RuleStmt: rule,
    LockStmt: lock,
    CreatePolicyStmt: policy,
    AlterPolicyStmt: alterPolicy,
  } = node

  if (alter !== undefined && alter.objtype === 'OBJECT_TABLE') {
    const table = tableOf(alter.relation)
    for (const each of alter.cmds ?? []) {
      const command = asAny(each).AlterTableCmd
      if (command !== undefined && table !== undefined) yield* alterLocks(table, command, known)
    }
  }
  if (create !== undefined) {
    const parents = create.inhRelations ?? []
    const mode = create.partbound === undefined ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'
    for (const parent of parents) yield* on(tableOf(asAny(parent).RangeVar), mode)
    for (const element of create.tableElts ?? []) {
      const { ColumnDef, Constraint } = asAny(element)
      const target = ColumnDef ? declaredColumn(ColumnDef).references : Constraint
      yield* on(tableOf(target?.pktable), 'SHARE ROW EXCLUSIVE')
    }
  }
  if (index !== undefined) {
    yield* on(tableOf(index.relation), index.concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE', true)
  }
  if (drop !== undefined) {
    for (const object of drop.objects ?? [])
      yield* dropLocks(drop.removeType, object, drop.concurrent, known)
  }
  if (rename !== undefined && rename.renameType !== 'OBJECT_INDEX') {
    yield* on(tableOf(rename.relation), 'ACCESS EXCLUSIVE')
  }
  if (move?.objectType === 'OBJECT_TABLE') yield* on(tableOf(move.relation), 'ACCESS EXCLUSIVE')
  for (const each of truncate?.relations ?? []) {
    yield* on(tableOf(asAny(each).RangeVar), 'ACCESS EXCLUSIVE')
  }
  if (reindex?.kind === 'REINDEX_OBJECT_TABLE') {
    yield* on(
      tableOf(reindex.relation),
      hasOption(reindex.params, 'concurrently') ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE',
      true,
    )
  }
  yield* on(tableOf(cluster?.relation), 'ACCESS EXCLUSIVE', true)
  if (vacuum?.is_vacuumcmd === true) {
    const mode = hasOption(vacuum.options, 'full') ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE'
    for (const each of vacuum.rels ?? []) {
      yield* on(tableOf(asAny(each).VacuumRelation?.relation), mode, true)
    }
  }
  yield* on(
    tableOf(refresh?.relation),
    refresh?.concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE',
    true,
  )
  yield* on(tableOf(trigger?.relation), 'SHARE ROW EXCLUSIVE')
  yield* on(tableOf(rule?.relation), 'ACCESS EXCLUSIVE')
  yield* on(tableOf(policy?.table), 'ACCESS EXCLUSIVE')
  yield* on(tableOf(alterPolicy?.table), 'ACCESS EXCLUSIVE')
  for (const each of lock?.relations ?? []) {
    yield* on(tableOf(asAny(each).RangeVar), LOCK_NUMBERS[lock?.mode ?? 0] ?? 'ROW EXCLUSIVE')
  }
  for (const write of [node.UpdateStmt, node.DeleteStmt, node.InsertStmt, node.MergeStmt]) {
    yield* on(tableOf(write?.relation), 'ROW EXCLUSIVE', true)
  }
}

/** PostgreSQL numbers the modes; 1 and 2 are those of readers. */
const LOCK_NUMBERS: Readonly<Record<number, LockMode>> = {
  3: 'ROW EXCLUSIVE',
  4: 'SHARE UPDATE EXCLUSIVE',
  5: 'SHARE',
  6: 'SHARE ROW EXCLUSIVE',
  7: 'EXCLUSIVE',
  8: 'ACCESS EXCLUSIVE',
}

function* alterLocks(table: TableName, command: AlterTableCmd, known: Known): Generator<TableLock> {
  const { ColumnDef, Constraint, PartitionCmd } = asAny(command.def)
  switch (command.subtype) {
    case 'AT_AddColumn': {
      const column = ColumnDef && declaredColumn(ColumnDef)
      const slow = column !== undefined && (rewritesTable(column) || column.checks.length > 0)
      yield { table, mode: 'ACCESS EXCLUSIVE', slow }
      const target = tableOf(column?.references?.pktable)
      if (target !== undefined) yield { table: target, mode: 'SHARE ROW EXCLUSIVE', slow: false }
      return
    }
    case 'AT_AddConstraint': {
      const slow = Constraint?.skip_validation !== true && Constraint?.indexname === undefined
      const target = tableOf(Constraint?.pktable)
      if (Constraint?.contype !== 'CONSTR_FOREIGN') {
        yield { table, mode: 'ACCESS EXCLUSIVE', slow }
        return
      }
      yield { table, mode: 'SHARE ROW EXCLUSIVE', slow }
      if (target !== undefined) yield { table: target, mode: 'SHARE ROW EXCLUSIVE', slow }
      return
    }
    case 'AT_ValidateConstraint':
      yield { table, mode: 'SHARE UPDATE EXCLUSIVE', slow: true }
      return
    case 'AT_DropConstraint': {
      yield { table, mode: 'ACCESS EXCLUSIVE', slow: false }
      const target = known.table(table)?.constraints.get(command.name ?? '')?.references
      if (target !== undefined) yield { table: target, mode: 'ACCESS EXCLUSIVE', slow: false }
      return
    }
    case 'AT_AttachPartition':
      yield { table, mode: 'SHARE UPDATE EXCLUSIVE', slow: false }
      break
    case 'AT_DetachPartition':
      yield {
        table,
        mode: PartitionCmd?.concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
        slow: false,
      }
      break
    case 'AT_SetStatistics':
    case 'AT_ClusterOn':
    case 'AT_DropCluster':
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_DetachPartitionFinalize':
      yield { table, mode: 'SHARE UPDATE EXCLUSIVE', slow: false }
      return
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_EnableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrig':
    case 'AT_DisableTrigAll':
    case 'AT_DisableTrigUser':
      yield { table, mode: 'SHARE ROW EXCLUSIVE', slow: false }
      return
    default:
      yield { table, mode: 'ACCESS EXCLUSIVE', slow: SLOW.has(command.subtype ?? '') }
      return
  }
  const partition = tableOf(PartitionCmd?.name)
  if (partition !== undefined) {
    yield {
      table: partition,
      mode: 'ACCESS EXCLUSIVE',
      slow: command.subtype === 'AT_AttachPartition',
    }
  }
}

const SLOW: ReadonlySet<string> = new Set([
  'AT_AlterColumnType',
  'AT_SetNotNull',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
  'AT_SetExpression',
])

function dropLocks(
  kind: string | undefined,
  object: Parameters<typeof tableOfList>[0],
  concurrent: boolean | undefined,
  known: Known,
): TableLock[] {
  const name = tableOfList(object)
  if (name === undefined) return []
  if (kind === 'OBJECT_TABLE' || kind === 'OBJECT_MATVIEW' || kind === 'OBJECT_VIEW') {
    const constraints = [...(known.table(name)?.constraints.values() ?? [])]
    const tables = [name, ...constraints.flatMap(({ references }) => references ?? [])]
    return tables.map((table) => ({ table, mode: 'ACCESS EXCLUSIVE', slow: false }))
  }
  if (kind === 'OBJECT_INDEX') {
    const index = known.index(name)
    const [schema = '', table = ''] = index?.table.split('.') ?? []
    const mode = concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'
    return index === undefined || index.isNew
      ? []
      : [{ table: { schema, name: table }, mode, slow: false }]
  }
  if (kind === 'OBJECT_TRIGGER' || kind === 'OBJECT_POLICY' || kind === 'OBJECT_RULE') {
    const names = asAny(object).List?.items ?? []
    const table = tableOfList({ List: { items: names.slice(0, -1) } })
    return table === undefined ? [] : [{ table, mode: 'ACCESS EXCLUSIVE', slow: false }]
  }
  return []
}

/** Whether an option of VACUUM, REINDEX and the like is given and not switched off. */
export function hasOption(
  options: readonly Parameters<typeof asAny>[0][] | undefined,
  name: string,
): boolean {
  return (options ?? []).some((each) => {
    const option = asAny(each).DefElem
    if (option?.defname !== name) return false
    const { String: text, Integer: number } = asAny(option.arg)
    const value = text?.sval ?? (number === undefined ? undefined : String(number.ival ?? 0))
    return value === undefined || !/^(false|off|0|no)$/i.test(value)
  })
}
