import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '@aquifer/core'
import type { Kysely } from 'kysely'
import { parseFileName } from '../revision/file-name.ts'
import { lineIn } from '../revision/line-in.ts'
import type { Source, Step } from './build-change.ts'
import { recordRevision } from './record/record-revision.ts'
import { TextMap } from './text-map.ts'

/** One step of a plan. */
export interface LintPlanStep {
  readonly sql: string
  /** Whether it runs in one transaction with the transactional steps beside it. */
  readonly transactional: boolean
}

/** What to lint: the path of a file or folder, a text, or a plan; `file` is the name by which findings call it. */
export type LintInput =
  | string
  | { readonly file: string; readonly sql: string }
  | {
      readonly file: string
      readonly plan: readonly LintPlanStep[]
      /** `contract` says that no older application is connected when it runs. */
      readonly phase?: 'expand' | 'contract'
    }

/** How to read it. */
export interface ReadOptions {
  /** Where paths begin, and what findings name files from. */
  readonly cwd: string
  /** Whether whoever runs a file of SQL wraps it in a transaction. */
  readonly inTransaction: boolean
  /** How long a revision may take to be recorded. */
  readonly recordTimeoutMs: number
}

/**
 * The changes in an input.
 *
 * @throws {UsageError} `LINT_FILE` if a path leads nowhere, or to a file of another kind
 */
export async function readInput(input: LintInput, options: ReadOptions): Promise<Source[]> {
  if (typeof input !== 'string') {
    return ['sql' in input ? sqlSource(input.file, input.sql, options) : planSource(input)]
  }
  const path = resolve(options.cwd, input)
  const entry = await stat(path).catch((cause: unknown) => {
    throw new UsageError('LINT_FILE', `there is no file or folder ${input}`, { cause })
  })
  if (!entry.isDirectory()) return readPath(path, input, options)
  const names = (await readdir(path)).filter((name) => SQL.test(name) || isRevision(name)).sort()
  const sources: Source[] = []
  for (const name of names) sources.push(...(await readPath(join(path, name), name, options)))
  return sources
}

const SQL = /\.sql$/i
const CODE = /\.(ts|js|mjs)$/

function isRevision(name: string): boolean {
  return CODE.test(name) && parseFileName(name) !== undefined
}

async function readPath(path: string, given: string, options: ReadOptions): Promise<Source[]> {
  const file = relative(options.cwd, path)
  if (!SQL.test(path) && !CODE.test(path)) {
    throw new UsageError(
      'LINT_FILE',
      `${given} is no .sql file and no revision in .ts, .js or .mjs`,
    )
  }
  const text = await readFile(path, 'utf8')
  return SQL.test(path)
    ? [sqlSource(file, text, options)]
    : revisionSources(path, file, text, options)
}

function sqlSource(file: string, sql: string, { inTransaction }: ReadOptions): Source {
  const map = new TextMap(sql)
  const unit = inTransaction ? 'transaction' : 'script'
  const step: Step = { sql, unit, locate: (index) => map.position(index), ignores: [] }
  return { file, direction: 'up', byRunner: false, steps: [step], troubles: [] }
}

/** A plan has no text of its own: findings count the lines of its steps, one below the other. */
function planSource({ file, plan, phase }: Extract<LintInput, { plan: unknown }>): Source {
  let line = 0
  const steps = plan.map(({ sql, transactional }): Step => {
    const map = new TextMap(sql)
    const above = line
    line += sql.split('\n').length
    const locate: Step['locate'] = (index) => {
      const position = map.position(index)
      return { ...position, line: above + position.line }
    }
    return { sql, unit: transactional ? 'transaction' : 'call', locate, ignores: [] }
  })
  return { file, direction: 'up', byRunner: true, steps, troubles: [], ...(phase && { phase }) }
}

interface Module {
  readonly revision?: { readonly transaction?: unknown; readonly phase?: unknown }
  readonly up?: unknown
  readonly down?: unknown
}

async function revisionSources(
  path: string,
  file: string,
  code: string,
  { recordTimeoutMs }: ReadOptions,
): Promise<Source[]> {
  const refused = (reason: string, line = 1): Source[] => [
    {
      file,
      direction: 'up',
      byRunner: true,
      steps: [],
      troubles: [
        {
          rule: 'unrecordable',
          message: reason,
          position: { line, column: 1 },
          text: '',
          ignores: [],
        },
      ],
    },
  ]
  let module: Module
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refused(
      `${basename(path)} cannot be loaded: ${reason.split('\n', 1)[0]}`,
      lineIn(path, error),
    )
  }
  const { revision, up, down } = module
  if (!isStep(up)) return refused(`${basename(path)} exports no function \`up\``)
  const phase = revision?.phase
  return recordRevision(
    {
      path,
      file,
      code,
      // A file of Kysely's own Migrator has no header, and runs in a transaction.
      transaction: revision?.transaction !== false,
      up,
      ...(isStep(down) && { down }),
      ...((phase === 'expand' || phase === 'contract') && { phase }),
    },
    recordTimeoutMs,
  )
}

function isStep(value: unknown): value is (db: Kysely<unknown>) => unknown {
  return typeof value === 'function'
}
