import { relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import {
  type CommandContext,
  collected,
  openProject,
  readRevisions,
  runOptions,
} from './context.ts'

/** Commands that write files. */
export function addFileCommands(program: Command, context: CommandContext): void {
  const { printer, cwd } = context
  const shown = (file: string) => relative(cwd, file)

  program
    .command('init')
    .description('write aquifer.config.ts and the folder of the revisions')
    .option(
      '--from-kysely [folder]',
      'make revisions of the migrations in this folder, and take over what is applied',
    )
    .option('--table <name>', "the table of Kysely's Migrator", 'kysely_migration')
    .option('--schema <name>', 'the schema of that table', 'public')
    .option('--files-only', 'with --from-kysely: leave the database alone')
    .action(async (flags: InitFlags) => {
      const { init } = await import('../commands/init.ts')
      const { written } = await init(cwd)
      const lines = written.map((file) => `${shown(file)} written`)
      if (flags.fromKysely === undefined) {
        return printer.result({ written }, [
          ...lines,
          ...(lines.length === 0 ? ['nothing to do: both are there'] : []),
        ])
      }
      const adopted = await fromKysely(flags)
      const files = adopted.created.map(({ file }) => `${shown(file)} written`)
      const taken = adopted.applied && [`${adopted.applied.length} taken over as applied`]
      printer.result({ written, ...adopted }, [...lines, ...files, ...(taken ?? [])])
    })

  program
    .command('revision')
    .description('write a revision file')
    .argument('<message>', 'what it does, in a few words; the file is named after it')
    .requiredOption('--empty', 'with an empty up and down, to be filled in by hand')
    .option('--head <id>', 'what it builds on, or base; repeat it to merge heads', collected)
    .option('--branch <label>', 'go on with this branch, or begin it')
    .action(
      async (message: string, { head: heads, branch }: { head?: string[]; branch?: string }) => {
        const { createRevision } = await import('../commands/revision.ts')
        const options = { ...(heads && { heads }), ...(branch && { branch }) }
        const created = await createRevision((await context.config()).revisions, message, options)
        printer.result(created, [shown(created.file)])
      },
    )

  program
    .command('merge')
    .description('write an empty revision that joins heads')
    .argument('[message]', 'what is joined', 'merge')
    .option('--head <id>', 'one of them; all without it', collected)
    .action(async (message: string, { head: heads = [] }: { head?: string[] }) => {
      const { merge } = await import('../commands/merge.ts')
      const created = await merge((await context.config()).revisions, { message, heads })
      const lines =
        created === undefined ? ['nothing to do: there is one head'] : [shown(created.file)]
      printer.result({ created: created ?? null }, lines)
    })

  program
    .command('squash')
    .description('write one revision that does what several do, and delete their files')
    .argument('[range]', 'a:b, both included; everything without it', '')
    .option('-m, --message <text>', 'what it holds', 'squashed')
    .action(async (range: string, { message }: { message: string }) => {
      const { squash } = await import('../commands/squash.ts')
      const made = await squash((await context.config()).revisions, { range, message })
      printer.result(made, [`${shown(made.file)} does what ${made.replaces.length} did`])
    })

  program
    .command('baseline')
    .description('write the first revision for a database that is there already, and stamp it')
    .argument('[message]', 'what it holds', 'baseline')
    .option('--from-sql <file>', 'what makes it, as pg_dump --schema-only writes it')
    .option('--no-stamp', 'write the file alone')
    .action(async (message: string, { fromSql, stamp }: { fromSql?: string; stamp: boolean }) => {
      const { baseline } = await import('../commands/baseline.ts')
      const options = { message, ...(fromSql && { sqlFile: resolve(cwd, fromSql) }) }
      const created = await baseline((await context.config()).revisions, options)
      const lines = [shown(created.file)]
      if (stamp) {
        const command = await import('../commands/stamp.ts')
        await using open = await openProject(context)
        await command.stamp(open.engine, open.revisions, {
          ...runOptions(context, {}),
          to: created.id,
        })
        lines.push('this database is stamped with it')
      }
      printer.result({ ...created, stamped: stamp }, lines)
    })

  program
    .command('sql')
    .description('print a script for psql instead of running anything')
    .argument('[range]', 'a:b, from a (without it) to b; everything without it', '')
    .addOption(new Option('--down', 'the way back, from b to a'))
    .action(async (range: string, { down }: { down?: boolean }) => {
      const { sql } = await import('../commands/sql.ts')
      const direction = down === true ? 'down' : 'up'
      const script = await sql(await readRevisions(context), { range, direction })
      printer.result({ direction, script }, [script.trimEnd()])
    })

  async function fromKysely({ fromKysely: folder, table, schema, filesOnly }: InitFlags) {
    const { adoptKysely, convertKyselyMigrations } = await import('../commands/adopt-kysely.ts')
    const { revisions } = await context.config()
    const created =
      typeof folder === 'string'
        ? await convertKyselyMigrations(resolve(cwd, folder), revisions)
        : []
    if (filesOnly === true) return { created }
    await using open = await openProject(context)
    const options = { ...runOptions(context, {}), table, schema }
    return { created, applied: await adoptKysely(open.engine, open.revisions, options) }
  }
}

interface InitFlags {
  readonly fromKysely?: string | true
  readonly table: string
  readonly schema: string
  readonly filesOnly?: boolean
}
