import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { idempotencySchema, UsageError } from '@aquifer/core'
import { jobsSchema } from '@aquifer/jobs/commands'
import { defineConfig } from '@aquifer/migrations/config'
import { openEngine } from './src/engine.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))

export default defineConfig({
  openEngine: async () => openEngine('migrations', { DATABASE_URL: await databaseUrl() }),
  revisions: new URL('./src/revisions/', import.meta.url),
  schemas: [idempotencySchema(), jobsSchema()],
  seeds: [
    {
      name: 'demo',
      run: async (engine, report) => {
        const { seed } = await import('./src/seed.ts')
        report(
          (await seed(engine)) ? 'filled with demo data' : 'there are users: nothing was added',
        )
      },
    },
  ],
})

/** The address of DATABASE_URL, or that of the server which `npm start` runs. */
async function databaseUrl(): Promise<string> {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL
  const file = resolve(repository, process.env.AQUIFER_DATA_DIR || '.aquifer', 'server.json')
  const server = await readServer(file)
  if (server !== undefined && isAlive(server.pid)) return server.url
  throw new UsageError(
    'DATABASE_URL_MISSING',
    'no database to work on: set DATABASE_URL, or start the embedded server with npm start',
  )
}

async function readServer(file: string): Promise<{ url: string; pid: number } | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** After a crash the file names a server that is gone. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
