import { AquiferError } from './aquifer-error.ts'

/** The codes of a `ConstraintError`, by the kind of constraint. */
export type ConstraintCode =
  | 'UNIQUE_VIOLATION'
  | 'FOREIGN_KEY_VIOLATION'
  | 'CHECK_VIOLATION'
  | 'NOT_NULL_VIOLATION'
  | 'EXCLUSION_VIOLATION'

/** A row was refused by a constraint. Names of the schema are carried, values never are. */
export class ConstraintError extends AquiferError {
  override readonly name = 'ConstraintError'
  /** The constraint or unique index, as PostgreSQL names it; undefined for NOT NULL. */
  readonly constraint: string | undefined
  readonly table: string | undefined
  /** The column of a NOT NULL violation. */
  readonly column: string | undefined

  constructor(
    code: ConstraintCode,
    at: {
      constraint?: string | undefined
      table?: string | undefined
      column?: string | undefined
    },
    details: { cause?: unknown; sqlState: string },
  ) {
    const name = at.constraint ?? at.column ?? 'unnamed'
    super(
      code,
      'constraint',
      `${name} of table ${at.table ?? 'unknown'} refused a row (${code})`,
      details,
    )
    this.constraint = at.constraint
    this.table = at.table
    this.column = at.column
  }
}
