import type { AlterTableCmd, ColumnDef, Constraint } from 'libpg-query'
import { type DeclaredColumn, declaredColumn } from './added-column.ts'
import { type AnyNode, asAny } from './parse-node.ts'
import { type TableName, tableOf } from './table-name.ts'

/** One action of ALTER TABLE on a table. */
export interface Alteration {
  readonly table: TableName
  readonly command: AlterTableCmd
  readonly kind: NonNullable<AlterTableCmd['subtype']>
  /** The column or constraint that it names. */
  readonly target: string
  readonly column?: ColumnDef
  /** What ADD COLUMN adds. */
  readonly added?: DeclaredColumn
  readonly constraint?: Constraint
}

/** The actions of an ALTER TABLE; none for any other statement, or for what is no table. */
export function alterationsIn({ AlterTableStmt: alter }: AnyNode): Alteration[] {
  const table = tableOf(alter?.relation)
  if (table === undefined || alter?.objtype !== 'OBJECT_TABLE') return []
  return (alter.cmds ?? []).flatMap((each) => {
    const command = asAny(each).AlterTableCmd
    if (command?.subtype === undefined) return []
    const { ColumnDef: column, Constraint: constraint } = asAny(command.def)
    const added = command.subtype === 'AT_AddColumn' ? column : undefined
    return [
      {
        table,
        command,
        kind: command.subtype,
        target: command.name ?? '',
        ...(column && { column }),
        ...(added && { added: declaredColumn(added) }),
        ...(constraint && { constraint }),
      },
    ]
  })
}

/** A column that a statement declares, in CREATE TABLE, ADD COLUMN or a change of its type. */
export interface Declaration {
  readonly table: TableName
  readonly column: DeclaredColumn
}

/** The columns that a statement declares. */
export function declarationsIn(
  { CreateStmt: create }: AnyNode,
  alterations: readonly Alteration[],
): Declaration[] {
  const created = tableOf(create?.relation)
  if (created !== undefined) {
    return (create?.tableElts ?? []).flatMap((element) => {
      const { ColumnDef } = asAny(element)
      return ColumnDef ? [{ table: created, column: declaredColumn(ColumnDef) }] : []
    })
  }
  return alterations.flatMap(({ table, added, column, target }) => {
    if (column === undefined) return []
    return [{ table, column: added ?? { ...declaredColumn(column), name: target } }]
  })
}
