import type { ColumnDef, Constraint } from 'libpg-query'
import { type ColumnType, columnTypeOf, serialType } from './column-type.ts'
import { asAny } from './parse-node.ts'
import { type Volatility, volatilityOf } from './volatility.ts'

/** What the declaration of a column says. */
export interface DeclaredColumn {
  readonly name: string
  readonly type?: ColumnType
  /** Where the declaration begins, in bytes. */
  readonly location?: number
  readonly notNull: boolean
  /** Absent if the default is NULL. */
  readonly default?: Volatility
  readonly generated?: 'stored' | 'virtual'
  readonly identity: boolean
  readonly serial: boolean
  readonly primary: boolean
  readonly unique: boolean
  readonly checks: readonly Constraint[]
  readonly references?: Constraint
}

/** Reads the declaration of a column, in CREATE TABLE or ADD COLUMN. */
export function declaredColumn(definition: ColumnDef): DeclaredColumn {
  const constraints = (definition.constraints ?? []).flatMap((node) => asAny(node).Constraint ?? [])
  const first = (kind: Constraint['contype']) => constraints.find(({ contype }) => contype === kind)
  const type = columnTypeOf(definition.typeName)
  const expression = first('CONSTR_DEFAULT')?.raw_expr
  const generated = first('CONSTR_GENERATED')
  const references = first('CONSTR_FOREIGN')
  const volatility = expression === undefined ? undefined : volatilityOf(expression)
  return {
    name: definition.colname ?? '',
    ...(type && { type }),
    ...(definition.location !== undefined && { location: definition.location }),
    notNull: first('CONSTR_NOTNULL') !== undefined,
    ...(volatility && { default: volatility }),
    ...(generated && { generated: generated.generated_kind === 'v' ? 'virtual' : 'stored' }),
    identity: first('CONSTR_IDENTITY') !== undefined,
    serial: serialType(type) !== undefined,
    primary: first('CONSTR_PRIMARY') !== undefined,
    unique: first('CONSTR_UNIQUE') !== undefined,
    checks: constraints.filter(({ contype }) => contype === 'CONSTR_CHECK'),
    ...(references && { references }),
  }
}

/** Whether adding the column writes every row of the table anew. */
export function rewritesTable(column: DeclaredColumn): boolean {
  return (
    column.identity ||
    column.serial ||
    column.generated === 'stored' ||
    (column.default !== undefined && column.default.kind !== 'same')
  )
}
