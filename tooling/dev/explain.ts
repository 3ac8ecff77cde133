import { StartError } from './start-error.ts'

/** What stopped a start, for a person: known reasons in their own words, all others with their stack. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return 'the disk is full. Free some space and start again.'
  const isKnown = error instanceof StartError || error.name === 'EmbeddedError'
  return isKnown ? error.message : (error.stack ?? error.message)
}
