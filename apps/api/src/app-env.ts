import type { Database } from '@app/db'
import type { Deadline, Session } from '@aquifer/core'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { RefusedError } from './problem/refusal.ts'

/** What every request of the API carries besides itself. */
export interface AppEnv {
  Variables: {
    requestId: string
    /** Writes the requestId on each line. */
    log: Logger
    /** Set if the request was turned down. */
    refused?: RefusedError
    /** Bounds all work for this request. */
    deadline: Deadline
    session: Session<Database>
    /** Takes part in `session`. */
    db: Kysely<Database>
  }
}
