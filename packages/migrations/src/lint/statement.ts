import type { Alteration, Declaration } from './alteration.ts'
import type { Ignore } from './ignore.ts'
import type { AnyNode } from './parse-node.ts'
import type { Position } from './text-map.ts'

/** A transaction that statements share; only which one it is matters. */
export interface Transaction {
  /** Whether the text itself began it. */
  readonly explicit: boolean
}

/** One statement that a change runs. */
export interface Statement {
  readonly node: AnyNode
  /** If it is an ALTER TABLE. */
  readonly alterations: readonly Alteration[]
  /** If it creates a table, or changes one. */
  readonly declarations: readonly Declaration[]
  /** As it was written or recorded. */
  readonly text: string
  /** Absent if it commits by itself. */
  readonly transaction?: Transaction
  /** Whether it lies in the body of a DO. */
  readonly inBlock: boolean
  readonly ignores: readonly Ignore[]
  /** Where it begins, or where the byte lies that a node of its tree names. */
  locate(byte?: number): Position
}

/** Something that kept a part of a change from being read. */
export interface Trouble {
  readonly rule: 'syntax-error' | 'unreadable-sql' | 'unrecordable'
  readonly message: string
  readonly position: Position
  readonly text: string
  readonly ignores: readonly Ignore[]
}

/** What is run together: a file of SQL, one direction of a revision, or a plan. */
export interface Change {
  readonly file: string
  /** `down` undoes: what it takes away is asked for. */
  readonly direction: 'up' | 'down'
  /** Of a revision: `contract` runs when no older application is connected. */
  readonly phase?: 'expand' | 'contract'
  /** Whether `aquifer upgrade` runs it, which limits waiting and statements and keeps a journal. */
  readonly byRunner: boolean
  readonly statements: readonly Statement[]
  readonly troubles: readonly Trouble[]
}
