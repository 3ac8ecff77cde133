import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartError } from './start-error.ts'

/** The settings that `npm start` itself reads; the apps read their own from what they are given. */
export interface StartSettings {
  /** Undefined: the embedded server. */
  databaseUrl: string | undefined
  redisUrl: string | undefined
  port: number
  /** Where the worker answers about its health; undefined: any free port. */
  workerPort: number | undefined
  /** Absolute: the apps may be started elsewhere. */
  dataDir: string
}

/** The folder of the clone. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * Reads the settings; an empty variable counts as unset.
 *
 * @throws {StartError} naming the variable that does not fit
 */
export function readStartSettings(env: NodeJS.ProcessEnv = process.env): StartSettings {
  return {
    databaseUrl: env.DATABASE_URL || undefined,
    redisUrl: env.REDIS_URL || undefined,
    port: readPort('PORT', env.PORT || '3000'),
    workerPort: env.WORKER_PORT ? readPort('WORKER_PORT', env.WORKER_PORT) : undefined,
    dataDir: resolve(root, env.AQUIFER_DATA_DIR || '.aquifer'),
  }
}

/** A path as the reader knows it: relative to the clone if it lies in there. */
export function shortPath(path: string): string {
  return path.startsWith(join(root, '/')) ? path.slice(root.length + 1) : path
}

function readPort(name: string, text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new StartError(`${name} must be a number from 1 to 65535, e.g. ${name}=4000 npm start`)
}
