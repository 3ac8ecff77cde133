import type { CatalogueObject } from '../catalogue/catalogue-object.ts'

/** The table lock that an operation takes; null if it locks no table that others use. */
export type LockMode =
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'ACCESS EXCLUSIVE'
  | null

/** What an operation does, from the point of view of the schema. */
export type OperationKind =
  | `${'create' | 'drop' | 'replace' | 'alter'}${Made}`
  | `${'add' | 'drop' | 'alter'}${Added}`
  | `rename${'Table' | 'Column' | 'EnumValue' | 'Constraint' | 'Index'}`
  | 'addEnumValue'
  | 'setComment'

type Made =
  | 'Schema'
  | 'Extension'
  | 'Type'
  | 'Sequence'
  | 'Routine'
  | 'Table'
  | 'Index'
  | 'View'
  | 'Trigger'
  | 'Policy'
type Added = 'Column' | 'Default' | 'Constraint'

/** One step of a plan, and the way back. Plain data. */
export interface Operation {
  readonly kind: OperationKind
  readonly object: CatalogueObject
  /** Statements, in order, without a closing semicolon. */
  readonly sql: readonly string[]
  /** Statements that undo it. Rows that it has removed do not come back. */
  readonly down: readonly string[]
  /** The strongest lock on a table that was there before. */
  readonly lock: LockMode
  /** It writes every row of a table again. */
  readonly rewrite: boolean
  /** It loses data, takes away what somebody may use, or fails if rows do not fit. */
  readonly destructive: boolean
  /** Whether it can share a transaction with others. If not, each statement is a transaction of its own, in both directions. */
  readonly transactional: boolean
}

/** What has to be said of an operation beside its statements. */
export type Costs = Pick<Operation, 'lock' | 'rewrite' | 'destructive' | 'transactional'>

/** An operation that is cheap unless `costs` says otherwise. */
export function operation(
  kind: OperationKind,
  object: CatalogueObject,
  statements: { readonly sql: readonly string[]; readonly down: readonly string[] },
  costs: Partial<Costs> = {},
): Operation {
  const { lock = null, rewrite = false, destructive = false, transactional = true } = costs
  const { sql, down } = statements
  const { kind: objectKind, schema, name, of } = object
  const subject = { kind: objectKind, schema, name, ...(of !== undefined && { of }) }
  return { kind, object: subject, sql, down, lock, rewrite, destructive, transactional }
}

/** The operation that undoes one that makes something: it drops it. */
export function dropping(made: Operation, costs: Partial<Costs> = {}): Operation {
  const kind = made.kind.replace(/^(create|add)/, 'drop') as OperationKind
  const { lock = 'ACCESS EXCLUSIVE', transactional = made.transactional } = costs
  const { rewrite = false, destructive = false } = costs
  return {
    ...made,
    kind,
    sql: made.down,
    down: made.sql,
    lock,
    rewrite,
    destructive,
    transactional,
  }
}
