import type { Blocker } from './blocked.ts'
import type { LockHolder } from './lock-holder.ts'

/** Which way a revision is run. */
export type Direction = 'up' | 'down'

/** A statement of a revision, and where it stands in it. */
export interface StatementPlace {
  readonly direction: Direction
  /** The revision's id. */
  readonly id: string
  /** The first is 1. */
  readonly position: number
  /** Its text, without its parameters. */
  readonly statement: string
}

/** What happens while a migration runs, in the order in which it happens. Listening changes nothing. */
export type MigrationEvent =
  /** Another deployer holds the lock, or its server process still works. Repeated while the wait lasts. */
  | {
      readonly event: 'waiting'
      readonly waitedMs: number
      /** Absent if it went away between the two looks. */
      readonly holder?: LockHolder
    }
  /** The lock is held and it is known what there is to do. */
  | {
      readonly event: 'planned'
      readonly direction: Direction
      readonly revisions: readonly { readonly id: string; readonly name: string }[]
    }
  | {
      readonly event: 'started'
      readonly direction: Direction
      readonly id: string
      readonly name: string
    }
  | {
      readonly event: 'finished'
      readonly direction: Direction
      readonly id: string
      readonly name: string
      readonly durationMs: number
    }
  /** A statement is about to be sent, has ended well, or was done by a run before this one. */
  | ({
      readonly event: 'statement'
      readonly state: 'started' | 'finished' | 'skipped'
    } & StatementPlace)
  /** A statement waits for locks that others hold. Told when that changes, and repeated while it lasts. */
  | {
      readonly event: 'blocked'
      readonly id: string
      readonly name: string
      readonly waitedMs: number
      readonly by: readonly Blocker[]
    }
  /** A lock was not free within lock_timeout: all that waited behind it runs now, and the next attempt comes after a pause. */
  | {
      readonly event: 'retrying'
      readonly id: string
      readonly name: string
      /** The attempt that has failed; the first is 1. */
      readonly attempt: number
      readonly attempts: number
      readonly pauseMs: number
      readonly by: readonly Blocker[]
    }
  /** A line that a schema step reports. */
  | { readonly event: 'schema'; readonly name: string; readonly line: string }
