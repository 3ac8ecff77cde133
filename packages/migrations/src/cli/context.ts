import type { Engine } from '@aquifer/core'
import { InvalidArgumentError } from 'commander'
import type { AquiferConfig } from '../config.ts'
import type { Revision } from '../revision/revision.ts'
import type { RunOptions } from '../runner/runner.ts'
import type { ExitCode } from './exit-code.ts'
import type { Printer } from './print.ts'

/** What every command is given. */
export interface CommandContext {
  readonly cwd: string
  readonly printer: Printer
  /** Fires when the process is asked to end. */
  readonly signal: AbortSignal
  config(): Promise<AquiferConfig>
  /** What the process ends with although nothing failed. */
  endWith(code: ExitCode): void
}

/** What a command works with that needs files and database. */
export interface Project extends AsyncDisposable {
  readonly engine: Engine<unknown>
  readonly revisions: readonly Revision[]
  readonly config: AquiferConfig
}

/** Loads the revisions, then opens the engine: a wrong file is told without a database. */
export async function openProject(context: CommandContext): Promise<Project> {
  const { loadRevisions } = await import('../revision/directory.ts')
  const config = await context.config()
  const revisions = await loadRevisions(config.revisions)
  const engine = await config.openEngine()
  return { engine, revisions, config, [Symbol.asyncDispose]: () => engine.close() }
}

/** The revisions alone. */
export async function readRevisions(context: CommandContext): Promise<readonly Revision[]> {
  const { loadRevisions } = await import('../revision/directory.ts')
  return loadRevisions((await context.config()).revisions)
}

/** The options of commands that take the migration lock. */
export interface LockFlags {
  readonly wait?: number
  readonly attempts?: number
}

export const WAIT: readonly [flags: string, text: string] = [
  '--wait <seconds>',
  'how long another deployer may hold the lock (default: 600)',
]
export const ATTEMPTS: readonly [flags: string, text: string] = [
  '--attempts <number>',
  'how often to try for a lock that is not free within lock_timeout (default: 10)',
]

/** What the library is told about locks. */
export function runOptions(context: CommandContext, { wait, attempts }: LockFlags): RunOptions {
  return {
    signal: context.signal,
    onEvent: context.printer.event,
    ...(wait !== undefined && { waitMs: wait * 1_000 }),
    ...(attempts !== undefined && { lockAttempts: attempts }),
  }
}

/** Reads a number of seconds. */
export function seconds(text: string): number {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= 86_400) return value
  throw new InvalidArgumentError('It is a number of seconds from 0 to 86400.')
}

/** Reads a whole number from 1. */
export function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value
  throw new InvalidArgumentError('It is a whole number from 1.')
}

/** Collects an option that may be repeated. */
export function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
