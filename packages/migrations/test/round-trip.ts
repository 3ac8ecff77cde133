import { expect } from 'vitest'
import { diffCatalogues } from '../src/diff/diff.ts'
import { schemaWorld, witness } from './catalogue-world.ts'

/** Goes from one schema to the other and back, and looks at both ends with both witnesses. */
export async function expectRoundTrip(
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  await using old = await schemaWorld(...before)
  await using next = await schemaWorld(...after)
  const [from, to] = [await old.read(), await next.read()]
  const [seenBefore, seenAfter] = [await witness(old), await witness(next)]

  const plan = diffCatalogues(from, to)
  expect(plan).not.toEqual([])
  await old.up(plan)

  expect(diffCatalogues(await old.read(), to)).toEqual([])
  expect(diffCatalogues(to, await old.read())).toEqual([])
  expect(await witness(old)).toEqual(seenAfter)

  await old.down(plan)
  expect(diffCatalogues(await old.read(), from)).toEqual([])
  expect(await witness(old)).toEqual(seenBefore)
}
