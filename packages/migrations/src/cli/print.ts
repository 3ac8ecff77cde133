import { inspect } from 'node:util'
import { isAquiferError } from '@aquifer/core'
import { describeBlocker } from '../runner/blocked.ts'
import type { MigrationEvent } from '../runner/event.ts'
import { describeHolder } from '../runner/lock-holder.ts'
import { duration } from './lines.ts'

/** Where text goes. */
export interface Streams {
  out(text: string): void
  err(text: string): void
}

/** Shows what a command does and what came of it. */
export interface Printer {
  event(event: MigrationEvent): void
  /** The result: `document` for programs, `lines` for people. */
  result(document: object, lines: readonly string[]): void
  /** A failure; the stack only if it is asked for. */
  failure(error: unknown, options: { readonly stack: boolean }): void
}

/** One JSON document per line on standard output, failures too, and nothing else anywhere. */
export function jsonPrinter({ out }: Streams): Printer {
  const print = (document: object) => out(`${JSON.stringify(document)}\n`)
  return {
    event: print,
    result: print,
    failure(error, { stack }) {
      const message = messageOf(error)
      const { code, kind, retryable, outcome } = isAquiferError(error)
        ? error
        : { code: 'UNEXPECTED' }
      print({
        error: { code, kind, message, retryable, outcome, ...(stack && { stack: inspect(error) }) },
      })
    },
  }
}

/** Calm text: results on standard output; waiting and failures on standard error. */
export function textPrinter({ out, err }: Streams): Printer {
  let width = 0
  let midLine = false
  const endLine = (text: string) => {
    out(`${text}\n`)
    midLine = false
  }
  const aside = (text: string) => {
    // On standard error, and where both go to one terminal not into the line of the revision.
    err(midLine ? `\n${text}\n` : `${text}\n`)
  }
  return {
    event(event) {
      switch (event.event) {
        case 'waiting':
          aside(`waiting for the migration lock: held by ${describeHolder(event.holder)}`)
          break
        case 'planned':
          width = Math.max(0, ...event.revisions.map(({ name }) => name.length))
          break
        case 'started':
          // Written before it runs: if the process is killed, the last line tells where it was.
          out(`${event.direction.padEnd(4)}  ${event.name.padEnd(width)}  `)
          midLine = true
          break
        case 'finished':
          endLine(duration(event.durationMs).padStart(9))
          break
        case 'blocked':
          aside(`waiting for locks: held by ${event.by.map(describeBlocker).join(', ')}`)
          break
        case 'retrying':
          aside(
            `a lock was not free (attempt ${event.attempt} of ${event.attempts}): trying again in ${duration(event.pauseMs)}`,
          )
          break
        case 'schema':
          endLine(event.line)
          break
      }
    },
    result(_document, lines) {
      for (const line of lines) endLine(line)
    },
    failure(error, { stack }) {
      if (midLine) endLine('failed')
      err(`aquifer: ${stack ? inspect(error) : messageOf(error)}\n`)
    },
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message === '' ? 'it failed without a message: look again with --stack' : message
}
