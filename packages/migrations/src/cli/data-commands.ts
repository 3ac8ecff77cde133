import { UsageError } from '@aquifer/core'
import type { Command } from 'commander'
import { type CommandContext, count, openProject } from './context.ts'
import { duration, pingLines } from './lines.ts'

/** Commands about the server and the rows. */
export function addDataCommands(program: Command, context: CommandContext): void {
  const { printer, signal } = context

  program
    .command('ping')
    .description('test the connection: versions, latency, TLS, role, pool budget')
    .action(async () => {
      const { ping } = await import('../commands/ping.ts')
      await using engine = await (await context.config()).openEngine()
      const found = await ping(engine)
      printer.result(found, pingLines(found))
    })

  program
    .command('seed')
    .description('fill the database with the rows of aquifer.config.ts')
    .argument('[name...]', 'which; all without it')
    .action(async (names: string[]) => {
      const { seed } = await import('../seed/seed.ts')
      await using open = await openProject(context)
      const { seeds = [] } = open.config
      if (seeds.length === 0) throw nothingConfigured('seeds: [{ name, run }]')
      const options = { onEvent: printer.event, ...(names.length > 0 && { names }) }
      const results = await seed(open.engine, open.revisions, seeds, options)
      const lines = results.map(({ name, durationMs }) => `${name} done in ${duration(durationMs)}`)
      printer.result({ seeds: results }, lines)
    })

  program
    .command('backfill')
    .description('change many rows in small transactions; goes on where it was stopped')
    .argument('<name>', 'which of those in aquifer.config.ts')
    .option('--batch <rows>', 'rows of the first batch (default: 1000)', count)
    .option('--pause <ms>', 'the pause after each batch (default: 25)', count)
    .option('--max-lag <ms>', 'how far a standby may be behind (default: 5000)', count)
    .option('--restart', 'begin again, although it is finished or half done')
    .action(async (name: string, flags: BackfillFlags) => {
      const { backfill } = await import('../backfill/backfill.ts')
      const { findBackfill } = await import('../backfill/backfill-definition.ts')
      const config = await context.config()
      if ((config.backfills ?? []).length === 0) {
        throw nothingConfigured('backfills: [{ name, table, key, run }]')
      }
      const chosen = findBackfill(config.backfills ?? [], name)
      await using engine = await config.openEngine()
      const { batch, pause, maxLag, restart = false } = flags
      const result = await backfill(engine, chosen, {
        signal,
        restart,
        onEvent: printer.event,
        ...(batch !== undefined && { batchRows: batch }),
        ...(pause !== undefined && { pauseMs: pause }),
        ...(maxLag !== undefined && { maxLagMs: maxLag }),
      })
      const said = `${result.rows} rows in ${result.batches} batches, ${duration(result.durationMs)}`
      printer.result({ event: 'done', ...result }, [
        result.rows === 0 ? `nothing to do: ${name} is finished` : said,
      ])
    })
}

interface BackfillFlags {
  readonly batch?: number
  readonly pause?: number
  readonly maxLag?: number
  readonly restart?: boolean
}

function nothingConfigured(line: string): UsageError {
  return new UsageError(
    'CONFIG_INCOMPLETE',
    `there is nothing to run: add \`${line}\` to aquifer.config.ts`,
  )
}
