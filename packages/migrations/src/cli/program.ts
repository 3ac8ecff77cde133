import { readFileSync } from 'node:fs'
import { UsageError } from '@aquifer/core'
import { Command, CommanderError } from 'commander'
import { loadConfig } from './config-file.ts'
import type { CommandContext } from './context.ts'
import { addDataCommands } from './data-commands.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-code.ts'
import { addFileCommands } from './file-commands.ts'
import { addLintCommand } from './lint-command.ts'
import { addLookCommands } from './look-commands.ts'
import { jsonPrinter, type Printer, type Streams, textPrinter } from './print.ts'
import { addRunCommands } from './run-commands.ts'

/** What the command knows of the process around it. */
export interface Surroundings extends Streams {
  readonly cwd: string
  /** Fires when the process is asked to end. */
  readonly signal: AbortSignal
  /** Whether standard output is a terminal, so that a line may be drawn again and again. */
  readonly terminal: boolean
}

/** Runs one command line. Never rejects: what went wrong is printed, and the exit code tells. */
export async function runCommandLine(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const json = args.includes('--json')
  const printer = json ? jsonPrinter(surroundings) : textPrinter(surroundings)
  let code: ExitCode = exitCodes.done
  const endWith = (chosen: ExitCode) => {
    code = chosen
  }
  try {
    await createProgram(surroundings, { printer, json, endWith }).parseAsync(args, { from: 'user' })
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
  {
    printer,
    json,
    endWith,
  }: { printer: Printer; json: boolean; endWith: (code: ExitCode) => void },
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

  const context: CommandContext = {
    cwd,
    printer,
    signal: surroundings.signal,
    config: () => loadConfig(cwd, program.opts<{ config?: string }>().config),
    endWith,
  }
  addRunCommands(program, context)
  addLookCommands(program, context)
  addFileCommands(program, context)
  addDataCommands(program, context)
  addLintCommand(program, context)
  return program
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
