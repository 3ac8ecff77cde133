import type { Engine } from '@aquifer/core'
import { UsageError } from '@aquifer/core'
import { pending } from '../commands/pending.ts'
import { MigrationError } from '../migration-error.ts'
import type { Revision } from '../revision/revision.ts'

/** Rows that a database is filled with: those that the application cannot do without, or those of a demonstration. */
export interface SeedStep<DB = unknown> {
  readonly name: string
  /** Fills the database; must be able to run any number of times. `report` takes a line that says what was done. */
  run(engine: Engine<DB>, report: (line: string) => void): Promise<void>
}

/** Which seeds to run. */
export interface SeedOptions {
  /** @default all, in the order in which they are listed */
  readonly names?: readonly string[]
  readonly onEvent?: (event: SeedEvent) => void
}

/** A line that a seed reports. */
export interface SeedEvent {
  readonly event: 'seed'
  readonly name: string
  readonly line: string
}

/** One seed that was run. */
export interface SeedResult {
  readonly name: string
  readonly lines: readonly string[]
  readonly durationMs: number
}

/**
 * Fills a database that has every revision.
 *
 * @throws {UsageError} `SEED_UNKNOWN`; {MigrationError} `SEED_PENDING` if revisions are pending, `SEED_FAILED`
 */
export async function seed<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  seeds: readonly SeedStep[],
  { names = seeds.map(({ name }) => name), onEvent }: SeedOptions = {},
): Promise<SeedResult[]> {
  const chosen = names.map((name) => find(seeds, name))
  const open = await pending(engine, revisions)
  if (open.length > 0) {
    throw new MigrationError(
      'SEED_PENDING',
      `${open.length} revisions are pending, the first is ${open[0]?.name}: run aquifer upgrade first`,
      { revisions: open.map(({ id }) => id) },
    )
  }
  const results: SeedResult[] = []
  for (const step of chosen) {
    const lines: string[] = []
    const startedAt = performance.now()
    try {
      await step.run(engine as unknown as Engine<unknown>, (line) => {
        lines.push(line)
        onEvent?.({ event: 'seed', name: step.name, line })
      })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new MigrationError('SEED_FAILED', `the seed ${step.name} failed: ${reason}`, { cause })
    }
    results.push({ name: step.name, lines, durationMs: Math.round(performance.now() - startedAt) })
  }
  return results
}

function find(seeds: readonly SeedStep[], name: string): SeedStep {
  const step = seeds.find((each) => each.name === name)
  if (step !== undefined) return step
  const known = seeds.map((each) => each.name).join(', ') || 'none'
  throw new UsageError(
    'SEED_UNKNOWN',
    `there is no seed ${JSON.stringify(name)} in aquifer.config.ts; known: ${known}`,
  )
}
