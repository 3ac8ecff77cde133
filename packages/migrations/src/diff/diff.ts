import type { Catalogue } from '../catalogue/catalogue.ts'
import { type Comparison, compareEntities } from './compare.ts'
import { finish } from './finish.ts'
import { flatten } from './flatten.ts'
import type { Operation } from './operation.ts'
import { inOrder } from './order.ts'
import { stepsOf } from './steps.ts'

/** How to get from one catalogue to another one. */
export interface DiffOptions {
  /**
   * Tables that are there are in use: indexes are built concurrently, constraints validated while others write. Otherwise everything is done at
   * once, in one transaction. @default true
   */
  readonly online?: boolean
}

/**
 * The operations that turn the database of one catalogue into that of the other, in an order in which they can run. None if both are the same;
 * the same ones for the same catalogues.
 */
export function diffCatalogues(
  before: Catalogue,
  after: Catalogue,
  options: DiffOptions = {},
): Operation[] {
  const { online = true } = options
  const comparison = compareEntities(flatten(before), flatten(after), { online })
  return planAll(comparison)
}

function planAll(comparison: Comparison): Operation[] {
  const steps = inOrder(stepsOf(comparison, planAll))
  return finish(
    comparison,
    steps.flatMap(({ operations }) => operations),
  )
}
