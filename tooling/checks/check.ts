import type { Repository } from './repository.ts'

/** Something that breaks a rule of the house: where, and what to do about it. */
export interface Finding {
  readonly file: string
  readonly line?: number
  readonly message: string
}

/** What a check has to say: what is wrong, and what is worth knowing when nothing is. */
export interface Outcome {
  readonly findings: readonly Finding[]
  readonly notes?: readonly string[]
}

/** How a check is to run. */
export interface CheckOptions {
  /** Update what is committed (the lists of public names) instead of comparing with it. */
  readonly write?: boolean
}

/** One rule of the house. */
export interface Check {
  readonly name: string
  run(repository: Repository, options: CheckOptions): Outcome | Promise<Outcome>
}
