import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What `init` made. */
export interface InitResult {
  /** The paths of what was not there before. */
  readonly written: readonly string[]
}

/** Writes a configuration and the folder of the revisions, unless they are there. */
export async function init(folder: string): Promise<InitResult> {
  const written: string[] = []
  const config = join(folder, 'aquifer.config.ts')
  if (existsSync(config)) return { written }
  const revisions = join(folder, 'revisions')
  await writeFile(config, configuration(await serviceOf(folder)), { flag: 'wx' })
  written.push(config)
  if (!existsSync(revisions)) {
    await mkdir(revisions)
    written.push(revisions)
  }
  return { written }
}

/** The package's name, without its scope. */
async function serviceOf(folder: string): Promise<string> {
  try {
    const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    return typeof name === 'string' ? (name.split('/').at(-1) ?? name) : 'app'
  } catch {
    return 'app'
  }
}

function configuration(service: string): string {
  return `import { createEngine, presets, UsageError } from '@aquifer/core'
import { defineConfig } from '@aquifer/migrations/config'

export default defineConfig({
  openEngine: async () => {
    const url = process.env.DATABASE_URL
    if (!url) throw new UsageError('DATABASE_URL_MISSING', 'set DATABASE_URL')
    const profile = { ...presets.migrations, url, service: ${JSON.stringify(service).replaceAll('"', "'")}, version: '0.0.0' }
    return createEngine({ profile })
  },
  revisions: new URL('./revisions/', import.meta.url),
})
`
}
