import type { Constraint, Node } from 'libpg-query'
import { asAny, columnsIn, namesIn } from './parse-node.ts'
import type { Transaction } from './statement.ts'
import { type TableName, tableOf } from './table-name.ts'

/** A constraint that an earlier statement added. */
export interface KnownConstraint {
  readonly name: string
  readonly kind: 'check' | 'foreign' | 'unique' | 'primary' | 'exclude' | 'notNull' | 'other'
  readonly columns: readonly string[]
  /** The columns that it keeps from being null. */
  readonly notNull: readonly string[]
  readonly validated: boolean
  readonly isNew: boolean
  readonly references?: TableName
  /** In which it was added. */
  readonly transaction?: Transaction
}

const KINDS: Partial<Record<NonNullable<Constraint['contype']>, KnownConstraint['kind']>> = {
  CONSTR_CHECK: 'check',
  CONSTR_FOREIGN: 'foreign',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primary',
  CONSTR_EXCLUSION: 'exclude',
  CONSTR_NOTNULL: 'notNull',
}

/** How PostgreSQL ends the name of a constraint that was given none. */
const SUFFIXES: Partial<Record<KnownConstraint['kind'], string>> = {
  check: 'check',
  foreign: 'fkey',
  notNull: 'not_null',
  exclude: 'excl',
}

/**
 * Reads a constraint.
 *
 * @param column the one in whose declaration it stands
 */
export function knownConstraint(
  constraint: Constraint,
  table: string,
  column?: string,
): KnownConstraint {
  const kind = KINDS[constraint.contype ?? 'CONSTR_DEFAULT'] ?? 'other'
  const columns = column === undefined ? constrainedColumns(constraint) : [column]
  const references = tableOf(constraint.pktable)
  const made =
    kind === 'primary' ? `${table}_pkey` : [table, ...columns, SUFFIXES[kind] ?? 'key'].join('_')
  return {
    name: constraint.conname ?? made,
    kind,
    columns,
    notNull: kind === 'notNull' ? columns : notNullColumns(constraint.raw_expr),
    validated: constraint.skip_validation !== true,
    isNew: true,
    ...(references && { references }),
  }
}

/** The columns that a constraint of a table is about. */
export function constrainedColumns(constraint: Constraint): string[] {
  if (constraint.contype === 'CONSTR_CHECK') return columnsIn(constraint.raw_expr)
  return namesIn(constraint.contype === 'CONSTR_FOREIGN' ? constraint.fk_attrs : constraint.keys)
}

/** The columns of an index in order; an empty string for an expression. */
export function indexedColumns(parameters: readonly Node[] | undefined): string[] {
  return (parameters ?? []).map((node) => asAny(node).IndexElem?.name ?? '')
}

/** The columns that an expression keeps from being null, if that is what it says. */
function notNullColumns(expression: Node | undefined): string[] {
  const { NullTest, BoolExpr } = asAny(expression)
  if (NullTest?.nulltesttype === 'IS_NOT_NULL') {
    return namesIn(asAny(NullTest.arg).ColumnRef?.fields).slice(-1)
  }
  return BoolExpr?.boolop === 'AND_EXPR' ? (BoolExpr.args ?? []).flatMap(notNullColumns) : []
}
