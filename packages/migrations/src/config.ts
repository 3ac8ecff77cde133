import type { Engine } from '@aquifer/core'
import type { Backfill } from './backfill/backfill-definition.ts'
import type { SeedStep } from './seed/seed.ts'

/**
 * A schema that somebody else owns, as a queue's: brought up to date by `upgrade` when it has reached the head(s), under the
 * same lock. It must be able to run any number of times.
 */
export interface SchemaStep {
  readonly name: string
  /** Brings the schema up to date; `report` takes a line that says what was done. */
  upgrade(engine: Engine<unknown>, report: (line: string) => void): Promise<void>
}

/** What `aquifer.config.ts` exports by default. */
export interface AquiferConfig {
  /** Opens the engine that migrates; closed when the command is done. At least two connections. */
  readonly openEngine: () => Promise<Engine<unknown>>
  /** The folder of the revision files. */
  readonly revisions: URL | string
  /** Run after the revisions, in this order. @default none */
  readonly schemas?: readonly SchemaStep[]
  /** What `aquifer seed` fills the database with. @default none */
  readonly seeds?: readonly SeedStep[]
  /** What `aquifer backfill` can run. @default none */
  readonly backfills?: readonly Backfill[]
}

/** What `defineConfig` takes; the engine may know any models. */
export interface ConfigInput<DB> extends Omit<AquiferConfig, 'openEngine' | 'seeds'> {
  readonly openEngine: () => Promise<Engine<DB>>
  readonly seeds?: readonly SeedStep<DB>[]
}

/** Types the configuration of the `aquifer` command; `export default` it from `aquifer.config.ts`. */
export function defineConfig<DB>(config: ConfigInput<DB>): AquiferConfig {
  return config as unknown as AquiferConfig
}
