import type { LockHolder } from './lock-holder.ts'

/** Which way a revision is run. */
export type Direction = 'up' | 'down'

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
  /** A line that a schema step reports. */
  | { readonly event: 'schema'; readonly name: string; readonly line: string }
