import { isAquiferError } from '@aquifer/core'

/** What the process ends with, so that scripts need not read text. */
export const exitCodes = {
  /** Done, or there was nothing to do. */
  done: 0,
  /** It was tried and did not work. */
  failed: 1,
  /** The call is wrong (arguments, configuration, environment): again is no help. */
  usage: 2,
  /** `pending`: there are revisions that are not applied. */
  pending: 4,
  /** `lint` has found something that is more than a notice. */
  lintFindings: 5,
} as const

/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  return isAquiferError(error) && error.kind === 'usage' ? exitCodes.usage : exitCodes.failed
}
