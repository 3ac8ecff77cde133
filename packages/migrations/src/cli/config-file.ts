import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isAquiferError, UsageError } from '@aquifer/core'
import type { AquiferConfig } from '../config.ts'

const PLACES = ['aquifer.config.ts', 'aquifer.config.js', 'packages/db/aquifer.config.ts']

/**
 * The configuration of the command: from `chosen`, or else from the nearest folder upwards from `cwd` that has an
 * `aquifer.config.ts`, itself or in `packages/db`.
 *
 * @throws {UsageError} `CONFIG_NOT_FOUND`, `CONFIG_INVALID`
 */
export async function loadConfig(cwd: string, chosen: string | undefined): Promise<AquiferConfig> {
  const file = chosen === undefined ? findConfig(cwd) : resolve(cwd, chosen)
  if (file === undefined || !existsSync(file)) {
    throw new UsageError(
      'CONFIG_NOT_FOUND',
      file === undefined
        ? `no aquifer.config.ts in ${cwd} or above it: run this inside the project, or name the file with --config <file>`
        : `there is no file ${file}: --config names an aquifer.config.ts`,
    )
  }
  const config = (await importConfig(file)).default
  if (isConfig(config)) return config
  throw new UsageError(
    'CONFIG_INVALID',
    `${file} needs \`export default defineConfig({ openEngine, revisions })\` from @aquifer/migrations/config`,
  )
}

function findConfig(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = PLACES.map((place) => join(folder, place)).find(existsSync)
    if (found !== undefined || folder === dirname(folder)) return found
  }
}

async function importConfig(file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (cause) {
    if (isAquiferError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError('CONFIG_INVALID', `${file} cannot be loaded: ${reason}`, { cause })
  }
}

function isConfig(value: unknown): value is AquiferConfig {
  if (typeof value !== 'object' || value === null) return false
  const { openEngine, revisions } = value as Partial<Record<keyof AquiferConfig, unknown>>
  return (
    typeof openEngine === 'function' && (typeof revisions === 'string' || revisions instanceof URL)
  )
}
