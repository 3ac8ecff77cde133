import type { LintOptions } from '../../src/commands/lint.ts'
import type { LintInput } from '../../src/lint/read-input.ts'

/** SQL as a file of its own, or what else can be linted. */
export type Sample = string | { readonly input: LintInput; readonly options?: LintOptions }

/** What a rule finds, and what looks like it and is none. */
export interface Samples {
  readonly finds: readonly Sample[]
  readonly quiet: readonly Sample[]
}

/** A plan whose statements share a transaction. */
export const together = (...statements: string[]): Sample => ({
  input: { file: 'plan', plan: statements.map((sql) => ({ sql, transactional: true })) },
})

/** A plan each of whose statements commits by itself. */
export const apart = (...statements: string[]): Sample => ({
  input: { file: 'plan', plan: statements.map((sql) => ({ sql, transactional: false })) },
})

/** A plan that runs when no older application is connected. */
export const contract = (...statements: string[]): Sample => ({
  input: {
    file: 'plan',
    phase: 'contract',
    plan: statements.map((sql) => ({ sql, transactional: true })),
  },
})

/** SQL judged with options. */
export const given = (sql: string, options: LintOptions): Sample => ({
  input: { file: 'sample.sql', sql },
  options,
})
