import type { InSchema } from './plain-object.ts'
import type { Index } from './table.ts'
import type { Trigger } from './trigger.ts'

/** What somebody other than the owner may do with an object. */
export interface Grant {
  /** A role, or `public` for all. */
  readonly grantee: string
  readonly privilege: string
  /** Whether they may grant it in turn. */
  readonly grantable: boolean
}

/** A view or a materialized view. */
export interface View extends InSchema {
  readonly materialized: boolean
  /** The query, without the closing semicolon. */
  readonly query: string
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly comment?: string
  }[]
  /** As in `security_barrier=true` and `check_option=local`. */
  readonly options: readonly string[]
  /** Whether a materialized view holds rows; it is not compared. */
  readonly populated: boolean
  /** Of a materialized view. */
  readonly indexes: readonly Index[]
  readonly triggers: readonly Trigger[]
  /** Not compared, but given again to a view that is dropped and made anew. Not there if nobody has said anything. */
  readonly grants?: readonly Grant[]
}

/** A function, procedure, window function or aggregate. */
export interface Routine extends InSchema {
  readonly type: 'function' | 'procedure' | 'window' | 'aggregate'
  /** The types of its arguments, by which it is told from others of its name: `integer, text`. */
  readonly signature: string
  /** With names, modes and defaults. */
  readonly arguments: string
  /** Null for a procedure. */
  readonly result: string | null
  readonly language: string
  /** The whole CREATE OR REPLACE statement. */
  readonly definition: string
  /** Not compared, but given again to a routine that is dropped and made anew. Not there if nobody has said anything. */
  readonly grants?: readonly Grant[]
}
