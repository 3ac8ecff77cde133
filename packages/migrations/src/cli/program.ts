import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { type Engine, UsageError } from '@aquifer/core'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { AquiferConfig } from '../config.ts'
import type { Revision } from '../revision/revision.ts'
import type { LockOptions } from '../runner/lock.ts'
import { loadConfig } from './config-file.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-code.ts'
import { currentLines, headLines, historyLines, summaryLines } from './lines.ts'
import { addLintCommand } from './lint-command.ts'
import { jsonPrinter, type Printer, type Streams, textPrinter } from './print.ts'

/** What the command knows of the process around it. */
export interface Surroundings extends Streams {
  readonly cwd: string
  /** Fires when the process is asked to end. */
  readonly signal: AbortSignal
}

/** Runs one command line. Never rejects: what went wrong is printed, and the exit code tells. */
export async function runCommandLine(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const json = args.includes('--json')
  const printer = json ? jsonPrinter(surroundings) : textPrinter(surroundings)
  try {
    let code: ExitCode = exitCodes.done
    const program = createProgram(surroundings, printer, json, (other) => {
      code = other
    })
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      printer.failure(error, { stack: args.includes('--stack') })
      return exitCodeOf(error)
    }
    if (error.exitCode === 0) return exitCodes.done
    // For people, commander has said it.
    if (json) printer.failure(new UsageError('ARGUMENTS_INVALID', error.message), { stack: false })
    return exitCodes.usage
  }
}

/** The command `aquifer` with its subcommands. What a subcommand needs is loaded when it is called. */
function createProgram(
  surroundings: Surroundings,
  printer: Printer,
  json: boolean,
  endWith: (code: ExitCode) => void,
): Command {
  const { cwd, out, err } = surroundings
  const program = new Command('aquifer')
    .description('Revisions of a PostgreSQL schema: up, down, and where the database stands')
    .version(packageVersion())
    .option('--config <file>', 'the configuration; else the nearest aquifer.config.ts upwards')
    .option('--json', 'print JSON, one document per line')
    .option('--stack', 'with an error, print where it came from')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: out, writeErr: json ? () => {} : err })
    .exitOverride()

  const config = () => loadConfig(cwd, program.opts<{ config?: string }>().config)

  program
    .command('upgrade')
    .description('apply what is missing')
    .argument('[target]', 'head, heads, +N, or an id or its beginning', 'head')
    .option('--wait <seconds>', WAIT, seconds)
    .action(async (to: string, { wait }: WaitOption) => {
      const { upgrade } = await import('../commands/upgrade.ts')
      await using open = await openProject(await config())
      const options = { to, schemas: open.schemas, ...lockOptions(wait) }
      const result = await upgrade(open.engine, open.revisions, options)
      const lines = summaryLines('applied', result.revisions, result.heads)
      printer.result({ event: 'done', ...result }, lines)
    })

  program
    .command('downgrade')
    .description('undo what is applied, newest first')
    .argument('[target]', '-N, base, or the id, or its beginning, to go down to', '-1')
    .option('--wait <seconds>', WAIT, seconds)
    .action(async (to: string, { wait }: WaitOption) => {
      const { downgrade } = await import('../commands/downgrade.ts')
      await using open = await openProject(await config())
      const result = await downgrade(open.engine, open.revisions, { to, ...lockOptions(wait) })
      const lines = summaryLines('undone', result.revisions, result.heads)
      printer.result({ event: 'done', ...result }, lines)
    })

  program
    .command('current')
    .description('where the database stands')
    .action(async () => {
      const { current } = await import('../commands/current.ts')
      const { listRevisionFiles } = await import('../revision/directory.ts')
      const { revisions, openEngine } = await config()
      const files = await listRevisionFiles(revisions)
      await using engine = await openEngine()
      const state = await current(engine)
      const applied = new Set(state.applied.map(({ id }) => id))
      const pending = files.filter(({ id }) => !applied.has(id)).map(({ id }) => id)
      printer.result({ ...state, pending }, currentLines(state, pending))
    })

  program
    .command('history')
    .description('every revision, newest first: applied, pending, head')
    .action(async () => {
      const { history } = await import('../commands/history.ts')
      await using open = await openProject(await config())
      const entries = await history(open.engine, open.revisions)
      printer.result({ revisions: entries }, historyLines(entries))
    })

  program
    .command('heads')
    .description('the revisions that no other builds on, from the files alone')
    .action(async () => {
      const { heads } = await import('../commands/heads.ts')
      const { loadRevisions } = await import('../revision/directory.ts')
      const found = heads(await loadRevisions((await config()).revisions))
      const named = found.map(({ id, name, parents, file }) => ({ id, name, parents, file }))
      printer.result({ heads: named }, headLines(named))
    })

  program
    .command('revision')
    .description('write a revision file')
    .argument('<message>', 'what it does, in a few words; the file is named after it')
    .requiredOption('--empty', 'with an empty up and down, to be filled in by hand')
    .option('--head <id>', 'what it builds on; repeat it to merge heads', collected)
    .action(async (message: string, { head: heads = [] }: { head?: string[] }) => {
      const { createRevision } = await import('../commands/revision.ts')
      const created = await createRevision((await config()).revisions, message, { heads })
      printer.result(created, [relative(cwd, created.file)])
    })

  addLintCommand(program, { cwd, printer, config, endWith })

  return program

  function lockOptions(wait: number | undefined): LockOptions {
    return {
      signal: surroundings.signal,
      onEvent: printer.event,
      ...(wait !== undefined && { waitMs: wait * 1_000 }),
    }
  }
}

interface WaitOption {
  readonly wait?: number
}

const WAIT = 'how long another deployer may hold the lock (default: 600)'

interface Project extends AsyncDisposable {
  readonly engine: Engine<unknown>
  readonly revisions: readonly Revision[]
  readonly schemas: NonNullable<AquiferConfig['schemas']>
}

/** Loads the revisions, then opens the engine: a wrong file is told without a database. */
async function openProject(config: AquiferConfig): Promise<Project> {
  const { loadRevisions } = await import('../revision/directory.ts')
  const revisions = await loadRevisions(config.revisions)
  const engine = await config.openEngine()
  return {
    engine,
    revisions,
    schemas: config.schemas ?? [],
    [Symbol.asyncDispose]: () => engine.close(),
  }
}

function seconds(text: string): number {
  const value = Number(text)
  if (text !== '' && value >= 0 && value <= 86_400) return value
  throw new InvalidArgumentError('It is a number of seconds from 0 to 86400.')
}

function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
