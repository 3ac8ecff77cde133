import { z } from 'zod'
import { StartError } from './start-error.ts'

/** The settings of the process, checked and named; docs in the README. */
export interface Settings {
  readonly databaseUrl: string | undefined
  /** NODE_ENV. */
  readonly environment: string | undefined
  /** Undefined: jobs are in the database. */
  readonly redisUrl: string | undefined
  /** Undefined: mails become files below `dataDir`. */
  readonly smtpUrl: string | undefined
  readonly mailFrom: string
  /** Where health and metrics are served; undefined: nowhere. */
  readonly port: number | undefined
  readonly logLevel: LogLevel
  /** Where what is not in the database lives. */
  readonly dataDir: string
}

export type LogLevel = z.infer<typeof logLevel>

const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

const variables = z.object({
  NODE_ENV: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().default('Aquifer <no-reply@localhost>'),
  WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  LOG_LEVEL: logLevel.default('info'),
  AQUIFER_DATA_DIR: z.string().default('.aquifer'),
})

/**
 * Reads the process's settings; the only place that looks at `process.env`. An empty variable
 * counts as unset, as Compose files write it.
 *
 * @throws {StartError} naming each variable that does not fit, never its value
 */
export function readSettings(source: NodeJS.ProcessEnv = process.env): Settings {
  const env = variables.safeParse(withoutEmpty(source))
  if (!env.success) throw new StartError(`the settings do not fit: ${complaints(env.error)}`)
  const { DATABASE_URL, REDIS_URL, SMTP_URL, MAIL_FROM, WORKER_PORT, LOG_LEVEL, AQUIFER_DATA_DIR } =
    env.data
  return {
    databaseUrl: DATABASE_URL,
    environment: env.data.NODE_ENV,
    redisUrl: REDIS_URL,
    smtpUrl: SMTP_URL,
    mailFrom: MAIL_FROM,
    port: WORKER_PORT === 0 ? undefined : WORKER_PORT,
    logLevel: LOG_LEVEL,
    dataDir: AQUIFER_DATA_DIR,
  }
}

function withoutEmpty(source: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
}

function complaints(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
}
