import type { AppEngine } from '@app/db'
import type { Jobs } from '@aquifer/jobs'
import type { Logger } from 'pino'
import type { AccessTokens } from './auth/access-token.ts'
import type { Metrics } from './metrics.ts'

/** What the app is put together from. Made by main, or by a test. */
export interface AppParts {
  readonly engine: AppEngine
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly tokens: AccessTokens
  readonly metrics: Metrics
  readonly logger: Logger
  /** Aborted when the process begins to stop. */
  readonly shutdown: AbortSignal
  /** Every request is answered within this time. @default 10 s */
  readonly answerWithinMs?: number
}
