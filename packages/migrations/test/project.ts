import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const { resolve } = createRequire(import.meta.url)
const core = pathToFileURL(resolve('@aquifer/core')).href
const library = new URL('../src/index.ts', import.meta.url).href
const kysely = pathToFileURL(resolve('kysely')).href

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A folder with a configuration and revisions, in which the real command is run. */
export interface Project extends AsyncDisposable {
  readonly folder: string
  /** Writes a revision whose steps are these statements, on top of the one written before. */
  revision(id: string, parts: RevisionParts): Promise<string>
  /** Writes any file. */
  file(name: string, content: string): Promise<string>
  /** Starts the command as a process of its own. */
  start(args: readonly string[], env?: Record<string, string>, cwd?: string): Running
  /** Runs the command to its end. */
  run(...args: string[]): Promise<Ended>
}

/** A command that is under way. */
export interface Running {
  readonly ended: Promise<Ended>
  kill(signal: 'SIGKILL' | 'SIGINT'): void
}

interface RevisionParts {
  readonly up: readonly string[]
  readonly down?: readonly string[]
  readonly transaction?: boolean
}

export async function createProject(databaseUrl: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-project-'))
  const revisions = join(folder, 'revisions')
  await mkdir(revisions)
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  await file('aquifer.config.ts', configuration)
  const written: string[] = []

  const start: Project['start'] = (args, env = {}, cwd = folder) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, XDG_CACHE_HOME: cache, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
      ([[code], out, err]) => ({ code: code as number | null, out, err }),
    )
    return {
      ended,
      kill: (signal) => {
        child.kill(signal)
      },
    }
  }

  return {
    folder,
    file,
    start,
    run: (...args) => start(args).ended,
    async revision(id, { up, down = [], transaction = true }) {
      const parent = written.at(-1)
      const stamp = 20_260_101_000_000 + written.length
      written.push(id)
      return file(
        join('revisions', `${stamp}_${id}_step.ts`),
        `import { sql } from '${kysely}'
export const revision = { id: '${id}', parents: ${JSON.stringify(parent ? [parent] : [])}, phase: 'expand', transaction: ${transaction} }
${step('up', up)}
${step('down', down)}
`,
      )
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Compiled code is kept between the runs of the tests, as it is for a user. */
const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url))

const configuration = `import { createEngine, presets, UsageError } from '${core}'
import { defineConfig } from '${library}'

export default defineConfig({
  openEngine: async () => {
    const url = process.env.DATABASE_URL
    if (!url) throw new UsageError('DATABASE_URL_MISSING', 'set DATABASE_URL')
    const profile = { ...presets.migrations, url, service: process.env.SERVICE ?? 'cli', version: '1', lockTimeoutMs: 20_000 }
    return createEngine({ profile })
  },
  revisions: new URL('./revisions/', import.meta.url),
})
`

function step(direction: 'up' | 'down', statements: readonly string[]): string {
  const lines = statements.map((each) => `  await sql.raw(${JSON.stringify(each)}).execute(db)`)
  return `export async function ${direction}(db) {\n${lines.join('\n')}\n}`
}
