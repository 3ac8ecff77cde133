import type { Alteration } from './alteration.ts'
import type { Known } from './known.ts'
import type { Limits } from './limits.ts'
import type { TableLock } from './lock.ts'
import type { AnyNode } from './parse-node.ts'
import type { Change, Statement } from './statement.ts'
import { type TableName, tableOf } from './table-name.ts'

/** `error`: it blocks, breaks or fails. `warning`: it will be regretted. `notice`: something to know; fails no run. */
export type LintSeverity = 'error' | 'warning' | 'notice'

/** What a rule says of itself. */
export interface LintRule {
  readonly id: string
  readonly severity: LintSeverity
  /** What goes wrong, and for whom. */
  readonly why: string
  /** The lock it is about, and who waits for it; null if the harm is another. */
  readonly lock: string | null
  /** What to write instead. */
  readonly rewrite: string
}

/** Something that a rule has found. */
export interface Problem {
  readonly message: string
  /** The byte in the statement's source to point at. @default its beginning */
  readonly at?: number | undefined
  /** The table whose size decides how bad it is. */
  readonly table?: TableName | undefined
  readonly severity?: LintSeverity
  /** For this very statement, if it is better than the rule's. */
  readonly rewrite?: string
}

/** What a rule knows beside the statement. */
export interface Context {
  readonly change: Change
  /** The statement's place in the change. */
  readonly position: number
  /** The schema, as far as earlier statements tell. */
  readonly known: Known
  /** The statements of this run, those to come included, that are about a table of this name in any schema. */
  readonly statementsOn: (name: string) => readonly Statement[]
  readonly limits: Limits
  /** What earlier statements of its transaction have locked. */
  readonly held: readonly TableLock[]
  /** The server's major version. */
  readonly serverVersion: number
  /** Whether this is the first time in the change that a thing is found. */
  readonly first: (thing: string) => boolean
  /** A column's type as the database spells it, if it was asked. */
  readonly columnType: (table: TableName, column: string) => string | undefined
}

/** A rule with its judgement. */
export interface Rule extends LintRule {
  /** Whether a small table makes it harmless. */
  readonly growsWithRows?: true
  /** Whether it is silent about what undoes a change. */
  readonly upOnly?: true
  check(statement: Statement, context: Context): Iterable<Problem>
}

/** The actions of an ALTER TABLE on a table that was there before the change. */
export function alterationsOfOld(statement: Statement, { known }: Context): readonly Alteration[] {
  return statement.alterations.filter(({ table }) => !known.isNew(table))
}

/** What a RENAME renames. */
export function renamed({ RenameStmt: rename }: AnyNode): {
  readonly kind: string | undefined
  readonly table: TableName | undefined
  readonly from: string
  readonly to: string
} {
  const { renameType: kind, subname: from = '', newname: to = '' } = rename ?? {}
  return { kind, table: tableOf(rename?.relation), from, to }
}
