import { DataError } from '../errors/data-error.ts'

/** The error for a value that its column could not give back as it is. @param what says why, without the value */
export function refusal(what: string, cause?: unknown): DataError {
  const details = cause === undefined ? {} : { cause }
  return new DataError('PARAMETER_INVALID', `${what}; nothing was sent`, details)
}
