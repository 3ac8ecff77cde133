import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runCommandLine } from '../src/cli/program.ts'

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
  /** Runs it in this process, which is quicker. A file of a revision is loaded once, whatever becomes of it later. */
  call(...args: string[]): Promise<Ended>
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
  readonly phase?: 'expand' | 'contract'
  /** @default the one written before */
  readonly parents?: readonly string[]
  readonly label?: string
}

export async function createProject(databaseUrl: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-project-'))
  const revisions = join(folder, 'revisions')
  await mkdir(revisions)
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  await file('aquifer.config.ts', configuration(databaseUrl))
  // What generated files import is found as in a project where it is installed.
  await symlink(modules, join(folder, 'node_modules'))
  const written: string[] = []

  const start: Project['start'] = (args, env = {}, cwd = folder) => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { PATH: process.env.PATH, XDG_CACHE_HOME: cache, ...env },
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
    async call(...args) {
      let [out, err] = ['', '']
      const code = await runCommandLine(args, {
        cwd: folder,
        signal: new AbortController().signal,
        terminal: false,
        out: (said) => {
          out += said
        },
        err: (said) => {
          err += said
        },
      })
      return { code, out, err }
    },
    async revision(id, { up, down = [], transaction = true, phase = 'expand', parents, label }) {
      const parent = written.at(-1)
      const header = {
        id,
        parents: parents ?? (parent ? [parent] : []),
        phase,
        transaction,
        ...(label && { label }),
      }
      const stamp = 20_260_101_000_000 + written.length
      written.push(id)
      return file(
        join('revisions', `${stamp}_${id}_step.ts`),
        `import { sql } from '${kysely}'
export const revision = ${JSON.stringify(header)}
${step('up', up)}
${step('down', down)}
`,
      )
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Compiled code is kept between the runs of the tests, as it is for a user. */
const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const cache = join(modules, '.cache')

const configuration = (
  databaseUrl: string,
) => `import { createEngine, presets, UsageError } from '${core}'
import { defineConfig } from '${library}'
import { sql } from '${kysely}'

export default defineConfig({
  openEngine: async () => {
    const url = process.env.PROJECT_URL ?? '${databaseUrl}'
    if (!url) throw new UsageError('DATABASE_URL_MISSING', 'set DATABASE_URL')
    const profile = { ...presets.migrations, url, service: process.env.SERVICE ?? 'cli', version: '1', lockTimeoutMs: 20_000 }
    return createEngine({ profile })
  },
  revisions: new URL('./revisions/', import.meta.url),
  seeds: [{
    name: 'first',
    run: async (engine, report) => {
      await engine.session((session) => session.query('create table if not exists seeded ()'))
      report('a table')
    },
  }],
  backfills: [{
    name: 'touch',
    table: 'things',
    run: (db, range) => sql\`update things set touched = true where \${range}\`.execute(db),
  }],
})
`

function step(direction: 'up' | 'down', statements: readonly string[]): string {
  const lines = statements.map((each) => `  await sql.raw(${JSON.stringify(each)}).execute(db)`)
  return `export async function ${direction}(db) {\n${lines.join('\n')}\n}`
}
