import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

interface Seed {
  readonly file: string
  readonly source: string
  /** The rule that finds it; none if it is allowed there. */
  readonly rule?: string
  readonly message?: string
}

const driver = "import pg from 'pg'\nexport const client = pg\n"
const queue = "import { Queue } from 'bullmq'\nexport const queue = Queue\n"
const environment = 'export const url = process.env.DATABASE_URL\n'
const now = 'export const now = () => Date.now()\n'
const timer = 'export const wait = () => setTimeout(() => {}, 1)\n'
const printing = "export const print = () => console.log('ready')\n"
const testing = "import { test } from 'vitest'\nexport const t = test\n"
const byDefault = 'export default {}\n'

const imports = 'style/noRestrictedImports'
const property = 'nursery/noJsRestrictedProperties'

const SEEDS: readonly Seed[] = [
  { file: 'packages/core/src/session/a.ts', source: driver, rule: imports, message: 'verdicts' },
  { file: 'packages/core/src/pool/a.ts', source: driver },
  { file: 'packages/core/src/codec/a.ts', source: driver },
  { file: 'packages/core/src/session/b.test.ts', source: driver },
  { file: 'packages/core/src/time/a.ts', source: driver, rule: imports },
  { file: 'packages/db/src/a.ts', source: driver, rule: imports, message: 'verdicts' },
  { file: 'packages/jobs/src/outbox/a.ts', source: queue, rule: imports, message: 'backend' },
  { file: 'packages/jobs/src/transport/a.ts', source: queue },
  { file: 'packages/jobs/src/worker/a.ts', source: queue },
  { file: 'packages/jobs/src/transport/b.ts', source: driver, rule: imports, message: 'engine' },
  { file: 'apps/worker/src/a.ts', source: queue, rule: imports },
  {
    file: 'apps/api/src/a.ts',
    source: "import { startWorker } from '@aquifer/jobs/worker'\nexport const a = startWorker\n",
    rule: imports,
    message: 'never works',
  },
  {
    file: 'apps/api/src/b.ts',
    source: "import type { Client } from 'pg'\nexport type A = Client\n",
    rule: imports,
    message: 'deadlines',
  },
  { file: 'apps/api/src/c.ts', source: environment, rule: 'style/noProcessEnv' },
  { file: 'apps/api/src/env.ts', source: environment },
  { file: 'packages/db/aquifer.config.ts', source: environment },
  { file: 'packages/core/src/engine/a.ts', source: environment, rule: 'style/noProcessEnv' },
  { file: 'packages/migrations/src/cli/a.ts', source: environment },
  { file: 'packages/migrations/src/runner/a.ts', source: environment, rule: 'style/noProcessEnv' },
  { file: 'packages/core/src/pool/c.ts', source: now, rule: property },
  { file: 'packages/core/src/time/b.ts', source: now },
  { file: 'packages/core/src/pool/b.test.ts', source: now },
  { file: 'packages/jobs/src/outbox/b.ts', source: now },
  {
    file: 'packages/core/src/pool/d.ts',
    source: 'export const draw = () => Math.random()\n',
    rule: property,
  },
  {
    file: 'packages/core/src/pool/e.ts',
    source: 'export const signal = () => AbortSignal.timeout(1)\n',
    rule: property,
  },
  { file: 'packages/core/src/pool/f.ts', source: timer, rule: 'style/noRestrictedGlobals' },
  { file: 'packages/core/src/time/c.ts', source: timer },
  {
    file: 'packages/core/src/pool/g.ts',
    source: 'export const now = () => performance.now()\n',
    rule: 'style/noRestrictedGlobals',
  },
  {
    file: 'packages/core/src/pool/h.ts',
    source: "import { setTimeout } from 'node:timers/promises'\nexport const wait = setTimeout\n",
    rule: imports,
    message: 'clock',
  },
  { file: 'packages/core/src/engine/b.ts', source: printing, rule: 'suspicious/noConsole' },
  { file: 'packages/migrations/src/cli/b.ts', source: printing },
  {
    file: 'packages/core/src/engine/c.ts',
    source: testing,
    rule: 'correctness/noUndeclaredDependencies',
  },
  { file: 'packages/core/test/setup.ts', source: testing },
  { file: 'packages/core/src/engine/d.ts', source: byDefault, rule: 'style/noDefaultExport' },
  { file: 'packages/core/vitest.config.ts', source: byDefault },
  { file: 'apps/worker/aquifer.config.ts', source: byDefault },
  {
    file: 'apps/api/src/d.ts',
    source: 'export const read = (value: any) => value\n',
    rule: 'suspicious/noExplicitAny',
  },
  {
    file: 'apps/api/src/g.ts',
    source: "import { close } from './h.ts'\nexport const stop = () => {\n  close()\n}\n",
    rule: 'nursery/noFloatingPromises',
  },
  { file: 'apps/api/src/h.ts', source: 'export async function close(): Promise<void> {}\n' },
  {
    file: 'apps/api/src/e.ts',
    source: "export * from './c.ts'\n",
    rule: 'performance/noReExportAll',
  },
  {
    file: 'apps/api/src/f.ts',
    source: "import { Hono } from 'hono'\nexport type App = Hono\n",
    rule: 'style/useImportType',
  },
  {
    file: 'packages/db/src/ring-a.ts',
    source: "import type { B } from './ring-b.ts'\nexport type A = B[]\n",
    rule: 'suspicious/noImportCycles',
  },
  {
    file: 'packages/db/src/ring-b.ts',
    source: "import type { A } from './ring-a.ts'\nexport type B = A[]\n",
    rule: 'suspicious/noImportCycles',
  },
]

interface Diagnostic {
  readonly category: string
  readonly message: string
  readonly location: { readonly path: string | { readonly file: string } }
}

let folder: string
let diagnostics: readonly Diagnostic[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aquifer-biome-'))
  for (const file of ['biome.json', '.gitignore']) cpSync(join(root, file), join(folder, file))
  const seeded = new Set(SEEDS.map(({ file }) => file.split('/').slice(0, 2).join('/')))
  for (const home of seeded) {
    write(`${home}/package.json`, readableManifest(home))
  }
  for (const { file, source } of SEEDS) write(file, source)
  const biome = join(root, 'node_modules/.bin/biome')
  const { stdout } = await promisify(execFile)(
    biome,
    ['lint', '--reporter=json', '--max-diagnostics=500'],
    { cwd: folder },
  ).catch((error: { stdout: string }) => error)
  diagnostics = JSON.parse(stdout).diagnostics
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(file: string, content: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), content)
}

/** Everything the seeds import is declared, so that each is judged by the rule it was made for. */
function readableManifest(home: string): string {
  const dependencies = { pg: '*', bullmq: '*', hono: '*', '@aquifer/jobs': '*' }
  return JSON.stringify({ name: home, dependencies, devDependencies: { vitest: '*' } })
}

test.each(SEEDS.filter(({ rule }) => rule))('$rule finds what is seeded in $file', (seed) => {
  const found = diagnosticsOf(seed.file)
  expect(found.map(({ category }) => category)).toEqual([`lint/${seed.rule}`])
  if (seed.message) expect(found[0]?.message).toContain(seed.message)
})

test.each(SEEDS.filter(({ rule }) => !rule))('what $file does is allowed there', ({ file }) => {
  expect(diagnosticsOf(file)).toEqual([])
})

function diagnosticsOf(file: string): readonly Diagnostic[] {
  return diagnostics.filter(({ location: { path } }) => {
    return (typeof path === 'string' ? path : path.file).endsWith(file)
  })
}
