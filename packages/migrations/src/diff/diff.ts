import type { Catalogue } from '../catalogue/catalogue.ts'
import { type Comparison, compareEntities } from './compare.ts'
import { finish } from './finish.ts'
import { flatten } from './flatten.ts'
import { keepConventionalNames } from './keep-names.ts'
import type { Operation } from './operation.ts'
import { inOrder } from './order.ts'
import { type Rename, resolveRenames } from './rename.ts'
import { renameSteps } from './rename-steps.ts'
import { renamedCatalogue } from './renamed-catalogue.ts'
import { stepsOf } from './steps.ts'

/** How to get from one catalogue to another one. */
export interface DiffOptions {
  /**
   * Tables that are there are in use: indexes are built concurrently, constraints validated while others write. Otherwise everything is done at
   * once, in one transaction. @default true
   */
  readonly online?: boolean
  /** What has another name in `after`. Nothing is taken for renamed otherwise: it is dropped and made. @default none */
  readonly renames?: readonly Rename[]
}

/**
 * The operations that turn the database of one catalogue into that of the other, in an order in which they can run. None if both are the same;
 * the same ones for the same catalogues.
 *
 * @throws {MigrationError} `RENAME_UNKNOWN` or `RENAME_AMBIGUOUS` if a rename fits nothing, or several objects
 */
export function diffCatalogues(
  before: Catalogue,
  after: Catalogue,
  options: DiffOptions = {},
): Operation[] {
  const { online = true, renames = [] } = options
  const resolved = resolveRenames(renames, before, after)
  const renamed = resolved.reduce(renamedCatalogue, before)
  const target = flatten(keepConventionalNames(renamed, after, resolved))
  if (resolved.length === 0) return planAll(compareEntities(flatten(before), target, { online }))
  const steps = renameSteps(before, resolved, target)
  return planAll(compareEntities(steps.before, target, { online, renames: steps }))
}

function planAll(comparison: Comparison): Operation[] {
  const steps = inOrder(stepsOf(comparison, planAll))
  return finish(
    comparison,
    steps.flatMap(({ operations }) => operations),
  )
}
