import { once } from 'node:events'
import { inspect } from 'node:util'
import { type AppEngine, openEngine } from '@app/db'
import { isAquiferError } from '@aquifer/core'
import { startWorker } from '@aquifer/jobs/worker'
import { logEngineTrouble } from './engine-log.ts'
import { readSettings } from './env.ts'
import { sendWelcomeHandler } from './handlers/send-welcome.ts'
import { serveHealth } from './health.ts'
import { createLogger } from './logger.ts'
import { createMailer } from './mail/create-mailer.ts'
import { createMetrics } from './metrics.ts'
import { StartError } from './start-error.ts'
import { stopSignal } from './stop-signal.ts'

async function main(): Promise<void> {
  const { databaseUrl, environment, redisUrl, smtpUrl, mailFrom, dataDir, port, logLevel } =
    readSettings()
  const shutdown = stopSignal()
  const logger = createLogger(logLevel)
  const open = async (name: 'worker' | 'queue'): Promise<AppEngine> => {
    const opened = await openEngine(name, { DATABASE_URL: databaseUrl, NODE_ENV: environment })
    logEngineTrouble(opened, logger)
    return opened
  }

  const engine = await open('worker')
  const queueEngine = redisUrl === undefined ? await open('queue') : undefined
  const engines = queueEngine === undefined ? [engine] : [engine, queueEngine]
  const mailer = createMailer({ smtpUrl, from: mailFrom, dataDir })
  const handlers = [sendWelcomeHandler({ engine, mailer, logger })]
  const worker = await startWorker({ engine, queueEngine, redisUrl, handlers, logger })
  const metrics = createMetrics(worker, engines)
  const health =
    port === undefined ? undefined : await serveHealth(port, { worker, engines, metrics })
  logger.info({ transport: worker.health().transport, port: health?.port }, 'taking jobs')

  if (!shutdown.aborted) await once(shutdown, 'abort')
  logger.info({ reason: shutdown.reason }, 'draining')
  await worker.stop()
  mailer.close()
  await health?.close()
  await Promise.all(engines.map((each) => each.close()))
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
  process.stderr.write(`worker: ${explain(error)}\n`)
  process.exit(1)
}
