import { inspect } from 'node:util'
import { isAquiferError } from '@aquifer/core'
import type { BackfillEvent } from '../backfill/backfill.ts'
import { describeBlocker } from '../runner/blocked.ts'
import type { MigrationEvent } from '../runner/event.ts'
import { describeHolder } from '../runner/lock-holder.ts'
import { headOf } from '../runner/statement-head.ts'
import type { SeedEvent } from '../seed/seed.ts'
import { duration } from './lines.ts'
import { progressBar } from './progress-bar.ts'

/** Where text goes. */
export interface Streams {
  out(text: string): void
  err(text: string): void
  /** Whether `out` is a terminal, so that a line may be drawn again and again. */
  readonly terminal: boolean
}

/** Anything that is told of while a command runs. */
export type CommandEvent = MigrationEvent | BackfillEvent | SeedEvent

/** Shows what a command does and what came of it. */
export interface Printer {
  event(event: CommandEvent): void
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
export function textPrinter(streams: Streams): Printer {
  const { out, err, terminal } = streams
  const json = jsonPrinter(streams)
  let width = 0
  let midLine = false
  let step = ''
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
          step = `${event.direction.padEnd(4)}  ${event.name.padEnd(width)}  `
          out(step)
          midLine = true
          break
        case 'statement':
          if (terminal && event.state === 'started') {
            out(`${AGAIN}${step}${event.position}: ${headOf(event.statement)}`)
          }
          break
        case 'finished':
          endLine(`${terminal ? `${AGAIN}${step}` : ''}${duration(event.durationMs).padStart(9)}`)
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
        case 'seed':
          endLine(`${event.name}: ${event.line}`)
          break
        case 'progress':
        case 'throttled':
        case 'repeated':
          // A bar is nothing for a log, which gets what can be read by programs.
          if (!terminal) json.event(event)
          else {
            out(`${AGAIN}${progressBar(event)}`)
            midLine = true
          }
          break
      }
    },
    result(_document, lines) {
      if (midLine) endLine('')
      for (const line of lines) endLine(line)
    },
    failure(error, { stack }) {
      if (midLine) endLine('failed')
      err(`aquifer: ${stack ? inspect(error) : messageOf(error)}\n`)
    },
  }
}

/** To the beginning of the line, and nothing to the right of it. */
const AGAIN = '\r\u001b[K'

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message === '' ? 'it failed without a message: look again with --stack' : message
}
