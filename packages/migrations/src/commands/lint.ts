import { type Engine, UsageError } from '@aquifer/core'
import type { IgnoredFinding, LintFacts, LintFinding } from '../lint/lint.ts'
import type { LintInput } from '../lint/read-input.ts'
import type { LintRule } from '../lint/rule.ts'

/** How to judge what is linted. */
export interface LintOptions extends LintFacts {
  /** The server's major version. @default 18 */
  readonly serverVersion?: number
  /** Up to how many rows a table is small: work through its rows is then a notice only. @default 10_000 */
  readonly smallTableRows?: number
  /** Ids of rules that are not to be applied. @default none */
  readonly exclude?: readonly string[]
  /** Whether a file of SQL is run inside a transaction by whoever runs it. @default false */
  readonly inTransaction?: boolean
  /** How long one revision may take to be recorded, in milliseconds. @default 10_000 */
  readonly recordTimeoutMs?: number
  /** Where relative paths begin; findings name files from there. @default the process's folder */
  readonly cwd?: string
}

/** What lint has found. */
export interface LintResult {
  /** In the order of the files, and in a file of its lines. */
  readonly findings: readonly LintFinding[]
  /** Those that a comment with a reason has silenced. */
  readonly ignored: readonly IgnoredFinding[]
  /** How many statements were looked at. */
  readonly statements: number
  /** How many files, texts and plans they came from. */
  readonly files: number
  /** Whether there is a finding that is more than a notice. */
  readonly failed: boolean
}

/**
 * Finds what in changes of a schema blocks, breaks or will be regretted. Nothing is sent to a database; revisions are
 * recorded by running their code.
 *
 * @param inputs in the order in which they would be applied: what one creates is known to the next
 * @throws {UsageError} `LINT_FILE` if a path leads to nothing that can be linted; `LINT_RULE` if `exclude` names no rule
 */
export async function lint(
  inputs: readonly LintInput[],
  options: LintOptions = {},
): Promise<LintResult> {
  // Loaded here: the parser is large, and other commands have no use for it.
  const { allRules } = await import('../lint/all-rules.ts')
  const { buildChange } = await import('../lint/build-change.ts')
  const { judge } = await import('../lint/lint.ts')
  const { openParser } = await import('../lint/parser.ts')
  const { readInput } = await import('../lint/read-input.ts')

  const exclude = new Set(options.exclude)
  for (const id of exclude) {
    if (allRules.some((rule) => rule.id === id)) continue
    const all = allRules.map((rule) => rule.id).join(', ')
    throw new UsageError('LINT_RULE', `there is no rule "${id}"; the rules are ${all}`)
  }
  const { serverVersion = 18, smallTableRows = 10_000, cwd = process.cwd() } = options
  const { inTransaction = false, recordTimeoutMs = 10_000, rowCounts, columnTypes } = options

  const parser = await openParser()
  const changes = []
  for (const input of inputs) {
    for (const source of await readInput(input, { cwd, inTransaction, recordTimeoutMs })) {
      changes.push(buildChange(parser, source))
    }
  }
  const { findings, ignored } = judge(changes, {
    serverVersion,
    smallTableRows,
    exclude,
    ...(rowCounts && { rowCounts }),
    ...(columnTypes && { columnTypes }),
  })
  return {
    findings,
    ignored,
    statements: changes.reduce((sum, change) => sum + change.statements.length, 0),
    files: new Set(changes.map(({ file }) => file)).size,
    failed: findings.some(({ severity }) => severity !== 'notice'),
  }
}

/** Every rule: what goes wrong, the lock, and what to write instead. */
export async function lintRules(): Promise<readonly LintRule[]> {
  const { allRules } = await import('../lint/all-rules.ts')
  return allRules.map(({ id, severity, why, lock, rewrite }) => ({
    id,
    severity,
    why,
    lock,
    rewrite,
  }))
}

/** What `lint` takes of a database: its version, how many rows its tables have, and the types of its columns. */
export async function readLintFacts<DB>(
  engine: Engine<DB>,
): Promise<Required<Pick<LintOptions, 'serverVersion' | 'rowCounts' | 'columnTypes'>>> {
  const { readServerFacts } = await import('../lint/database-facts.ts')
  return readServerFacts(engine)
}
