import { isAquiferError } from '@aquifer/core'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './env.ts'

/** JSON lines on stdout, or on `destination`. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: 'worker', pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    destination ?? standardOutput(),
  )
}

/** pino's own way to stdout tries for ever when the reader is gone, and keeps a stopping process alive. */
function standardOutput(): DestinationStream {
  process.stdout.on('error', () => {})
  return process.stdout
}

/**
 * What a log may hold of an error. The server's own reply is left out of the chain of causes: its
 * text can quote row values, and the AquiferError above it says the same without them.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const { name, message, stack } = error
  if (!isAquiferError(error)) return { type: name, message, stack, ...causeOf(error) }
  const { code, kind, retryable, outcome, sqlState } = error
  const cause = isAquiferError(error.cause) ? causeOf(error) : {}
  return { type: name, message, code, kind, retryable, outcome, sqlState, stack, ...cause }
}

function causeOf(error: Error): { cause?: unknown } {
  return error.cause === undefined ? {} : { cause: serializeError(error.cause) }
}
