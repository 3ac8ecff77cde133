import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AquiferConfig } from '../config.ts'
import type { LintFormat } from '../lint/report.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import type { Printer } from './print.ts'

/** What the command needs of the program around it. */
export interface LintSurroundings {
  readonly cwd: string
  readonly printer: Printer
  readonly config: () => Promise<AquiferConfig>
  readonly endWith: (code: ExitCode) => void
}

interface LintFlags {
  readonly format: LintFormat
  readonly exclude?: readonly string[]
  readonly serverVersion?: number
  readonly inTransaction?: boolean
  readonly database?: boolean
}

/** Adds `aquifer lint`. */
export function addLintCommand(program: Command, surroundings: LintSurroundings): void {
  const { cwd, printer, config, endWith } = surroundings
  program
    .command('lint')
    .description('find what blocks, breaks or will be regretted; exit code 5 if there is something')
    .argument('[files...]', 'files of SQL, revisions, or folders of them; else all revisions')
    .addOption(
      new Option('--format <format>', 'how findings are written')
        .choices(['text', 'json', 'github'])
        .default('text'),
    )
    .option('--exclude <rule>', 'a rule that is not applied; repeat it for more', repeated)
    .option('--server-version <major>', 'of PostgreSQL (default: 18)', major)
    .option('--in-transaction', 'files of SQL are run inside a transaction')
    .option('--database', 'ask the configured database for its version, row counts and types')
    .action(async (files: string[], flags: LintFlags) => {
      const { lint, readLintFacts } = await import('../commands/lint.ts')
      const { reportLines } = await import('../lint/report.ts')
      const inputs = files.length > 0 ? files : [await folderOf(await config())]
      const facts = flags.database === true ? await askDatabase(readLintFacts) : {}
      const result = await lint(inputs, {
        ...facts,
        cwd,
        exclude: flags.exclude ?? [],
        inTransaction: flags.inTransaction === true,
        ...(flags.serverVersion !== undefined && { serverVersion: flags.serverVersion }),
      })
      printer.result(result, reportLines(result, flags.format))
      if (result.failed) endWith(exitCodes.lintFindings)
    })

  async function askDatabase(
    read: typeof import('../commands/lint.ts').readLintFacts,
  ): ReturnType<typeof read> {
    await using engine = await (await config()).openEngine()
    return await read(engine)
  }
}

async function folderOf({ revisions }: AquiferConfig): Promise<string> {
  const { pathOf } = await import('../revision/directory.ts')
  return pathOf(revisions)
}

function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function major(text: string): number {
  const version = Number(text)
  if (Number.isInteger(version) && version >= 10 && version <= 99) return version
  throw new InvalidArgumentError('It is a major version of PostgreSQL, as 16.')
}
