import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyCatalogue } from '../src/catalogue/catalogue.ts'
import { diffCatalogues } from '../src/diff/diff.ts'
import type { Operation } from '../src/diff/operation.ts'
import { schemaWorld, witness } from './catalogue-world.ts'
import { schemaHistory, statementsOf } from './random-schema.ts'

/** The same edits each time; another seed goes on the search. */
const seed = Number(process.env.AQUIFER_SEED ?? 103)
const numRuns = Number(process.env.AQUIFER_RUNS ?? 6)

test('edits lead to the schema that was wanted, back again, and there from nothing', {
  timeout: 280_000,
}, async () => {
  console.info(`edits of random schemas: AQUIFER_SEED=${seed}`)
  await fc.assert(
    fc.asyncProperty(schemaHistory, fc.boolean(), async (history, online) => {
      const [first = [], ...later] = history
      await using world = await schemaWorld(...statementsOf(first))
      const undo: { plan: readonly Operation[]; seen: readonly string[] }[] = []
      const origin = await world.read()
      for (const schema of later) {
        await using wanted = await schemaWorld(...statementsOf(schema))
        const [from, to] = [await world.read(), await wanted.read()]
        const plan = diffCatalogues(from, to, { online })
        expect(diffCatalogues(from, to, { online })).toEqual(plan)
        undo.push({ plan, seen: await witness(world) })

        await world.up(plan)

        expect(diffCatalogues(await world.read(), to)).toEqual([])
        expect(await witness(world)).toEqual(await witness(wanted))
      }
      await using fresh = await schemaWorld()
      const last = await world.read()
      await fresh.up(diffCatalogues(emptyCatalogue(last.serverVersion), last))
      expect(diffCatalogues(await fresh.read(), last)).toEqual([])

      for (const { plan, seen } of undo.toReversed()) {
        await world.down(plan)
        expect(await witness(world)).toEqual(seen)
      }
      expect(diffCatalogues(await world.read(), origin)).toEqual([])
    }),
    {
      seed,
      numRuns,
      interruptAfterTimeLimit: 240_000,
      endOnFailure: process.env.AQUIFER_SHRINK === '0',
    },
  )
})
