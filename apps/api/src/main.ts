import { once } from 'node:events'
import { inspect } from 'node:util'
import { openEngine } from '@app/db'
import { sendWelcome } from '@app/db/jobs'
import { Deadline, isAquiferError } from '@aquifer/core'
import { createJobs } from '@aquifer/jobs'
import { createApp } from './app.ts'
import { createAccessTokens } from './auth/access-token.ts'
import { storedJwtSecret } from './auth/jwt-secret.ts'
import { logEngineTrouble } from './engine-log.ts'
import { readSettings } from './env.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { listen } from './server.ts'
import { StartError } from './start-error.ts'
import { stopSignal } from './stop-signal.ts'

/** What is left of the drain limit for the pool once the requests are done or cut. */
const POOL_SHARE_MS = 1_000

async function main(): Promise<void> {
  const settings = readSettings()
  const shutdown = stopSignal()
  const logger = createLogger(settings.logLevel)

  const secret = settings.jwtSecret ?? (await storedJwtSecret(settings.dataDir))
  const engine = await openEngine('api', {
    DATABASE_URL: settings.databaseUrl,
    NODE_ENV: settings.environment,
  })
  logEngineTrouble(engine, logger)
  const jobs = createJobs({ engine, redisUrl: settings.redisUrl, contracts: [sendWelcome] })
  const app = createApp({
    engine,
    jobs,
    tokens: createAccessTokens(secret),
    metrics: createMetrics(engine),
    logger,
    shutdown,
  })
  const server = await listen(app, settings.port)
  logger.info({ port: server.port }, 'listening')

  if (!shutdown.aborted) await once(shutdown, 'abort')
  logger.info({ reason: shutdown.reason }, 'draining')
  const limit = Deadline.after(engine.profile.drainTimeoutMs)
  await server.stop(limit.remainingMs - POOL_SHARE_MS)
  await jobs.close()
  await engine.close({ drainTimeoutMs: limit.remainingMs })
  logger.info('stopped')
}

/** One line for what the operator can mend, the whole story for what they cannot. */
function explain(error: unknown): string {
  const forOperators = isAquiferError(error) || error instanceof StartError
  return forOperators ? error.message : inspect(error)
}

try {
  await main()
  process.exit(0)
} catch (error) {
  process.stderr.write(`api: ${explain(error)}\n`)
  process.exit(1)
}
