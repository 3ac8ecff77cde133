import { z } from 'zod'
import { StartError } from './start-error.ts'

/** The settings of the process, checked and named; docs in the README. */
export interface Settings {
  readonly databaseUrl: string | undefined
  /** NODE_ENV. */
  readonly environment: string | undefined
  readonly redisUrl: string | undefined
  readonly port: number
  readonly logLevel: LogLevel
  /** Undefined outside of production: one is made up and kept in `dataDir`. */
  readonly jwtSecret: string | undefined
  /** Where what is not in the database lives. */
  readonly dataDir: string
}

export type LogLevel = z.infer<typeof logLevel>

const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

const variables = z
  .object({
    NODE_ENV: z.string().optional(),
    DATABASE_URL: z.string().optional(),
    REDIS_URL: z.string().optional(),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    LOG_LEVEL: logLevel.default('info'),
    JWT_SECRET: z.string().min(32).optional(),
    AQUIFER_DATA_DIR: z.string().default('.aquifer'),
  })
  .refine((env) => env.NODE_ENV !== 'production' || env.JWT_SECRET !== undefined, {
    path: ['JWT_SECRET'],
    message: 'required when NODE_ENV is production: set 32 or more random characters',
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
  const { NODE_ENV, DATABASE_URL, REDIS_URL, PORT, LOG_LEVEL, JWT_SECRET, AQUIFER_DATA_DIR } =
    env.data
  return {
    databaseUrl: DATABASE_URL,
    environment: NODE_ENV,
    redisUrl: REDIS_URL,
    port: PORT,
    logLevel: LOG_LEVEL,
    jwtSecret: JWT_SECRET,
    dataDir: AQUIFER_DATA_DIR,
  }
}

function withoutEmpty(source: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
}

function complaints(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
}
