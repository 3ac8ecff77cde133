import { type Command, Option } from 'commander'
import {
  ATTEMPTS,
  type CommandContext,
  count,
  type LockFlags,
  openProject,
  runOptions,
  seconds,
  WAIT,
} from './context.ts'
import { halfDoneLines, previewLines, stampLines, summaryLines } from './lines.ts'

interface UpgradeFlags extends LockFlags {
  readonly dryRun?: boolean
  readonly phase?: 'expand'
  readonly allowOlder?: boolean
}

interface RepairFlags extends LockFlags {
  readonly finish?: boolean
  readonly undo?: boolean
  readonly accept?: boolean
  readonly statement?: 'done' | 'again'
}

/** Commands that change the database under the migration lock. */
export function addRunCommands(program: Command, context: CommandContext): void {
  const { printer } = context

  program
    .command('upgrade')
    .description('apply what is missing')
    .argument(
      '[target]',
      'head, heads, +N, or an id, its beginning or a label, with steps: id+1',
      'head',
    )
    .option('--dry-run', 'print what would be run, and change nothing')
    .addOption(new Option('--phase <phase>', 'leave out what takes away').choices(['expand']))
    .option('--allow-older', 'run the phase contract beside older versions of the application')
    .option(...WAIT, seconds)
    .option(...ATTEMPTS, count)
    .action(async (to: string, flags: UpgradeFlags) => {
      if (flags.dryRun === true) return dryRun('up', to)
      const { upgrade } = await import('../commands/upgrade.ts')
      await using open = await openProject(context)
      const { phase, allowOlder = false } = flags
      const result = await upgrade(open.engine, open.revisions, {
        ...runOptions(context, flags),
        to,
        allowOlder,
        schemas: open.config.schemas ?? [],
        ...(phase && { phase }),
      })
      const lines = summaryLines('applied', result.revisions, result.heads)
      printer.result({ event: 'done', ...result }, lines)
    })

  program
    .command('downgrade')
    .description('undo what is applied, newest first')
    .argument('[target]', '-N, base, or what to go down to, as for upgrade', '-1')
    .option('--dry-run', 'print what would be run, and change nothing')
    .option(...WAIT, seconds)
    .option(...ATTEMPTS, count)
    .action(async (to: string, flags: UpgradeFlags) => {
      if (flags.dryRun === true) return dryRun('down', to)
      const { downgrade } = await import('../commands/downgrade.ts')
      await using open = await openProject(context)
      const options = { ...runOptions(context, flags), to }
      const result = await downgrade(open.engine, open.revisions, options)
      const lines = summaryLines('undone', result.revisions, result.heads)
      printer.result({ event: 'done', ...result }, lines)
    })

  program
    .command('stamp')
    .description('say where the database stands, and run nothing')
    .argument('<target>', 'head, heads, base, or an id, its beginning or a label')
    .option('--purge', 'first forget all that is on record')
    .option(...WAIT, seconds)
    .action(async (to: string, flags: LockFlags & { purge?: boolean }) => {
      const { stamp } = await import('../commands/stamp.ts')
      await using open = await openProject(context)
      const { purge = false } = flags
      const options = { ...runOptions(context, flags), to, purge }
      const result = await stamp(open.engine, open.revisions, options)
      printer.result(result, stampLines(result))
    })

  program
    .command('repair')
    .description(
      'bring a half-done or edited revision out of doubt; without an id, list what is half done',
    )
    .argument('[id]', 'the revision')
    .addOption(new Option('--finish', 'go on with it').conflicts(['undo', 'accept']))
    .addOption(new Option('--undo', 'go back').conflicts('accept'))
    .option('--accept', 'its edited file is the one that was meant')
    .addOption(
      new Option('--statement <effect>', 'with --finish: what became of the statement in doubt')
        .choices(['done', 'again'])
        .conflicts(['undo', 'accept']),
    )
    .option(...WAIT, seconds)
    .option(...ATTEMPTS, count)
    .action(async (id: string | undefined, flags: RepairFlags, command: Command) => {
      const { halfDone, repair } = await import('../commands/repair.ts')
      const { statement } = flags
      const action = actionOf(flags)
      if (id !== undefined && action === undefined) {
        command.error('error: say what to do about it: --finish, --undo or --accept')
      }
      if (id === undefined && action !== undefined) command.error('error: name the revision')
      await using open = await openProject(context)
      if (id === undefined || action === undefined) {
        const found = await halfDone(open.engine, open.revisions)
        return printer.result({ halfDone: found }, halfDoneLines(found))
      }
      const options = { ...runOptions(context, flags), id, action, ...(statement && { statement }) }
      const result = await repair(open.engine, open.revisions, options)
      printer.result(result, [`${result.name}: ${WORDS[result.action]}`])
    })

  async function dryRun(direction: 'up' | 'down', to: string): Promise<void> {
    const { preview } = await import('../commands/preview.ts')
    await using open = await openProject(context)
    const revisions = await preview(open.engine, open.revisions, { direction, to })
    printer.result({ direction, revisions }, previewLines(direction, revisions))
  }
}

function actionOf({ finish, undo, accept }: RepairFlags): keyof typeof WORDS | undefined {
  if (finish === true) return 'finish'
  if (undo === true) return 'undo'
  return accept === true ? 'accept' : undefined
}

const WORDS = { finish: 'finished', undo: 'undone', accept: 'accepted' }
