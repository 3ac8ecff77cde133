import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ddlOf } from '../src/models.ts'
import { readCatalogue } from './catalogue.ts'
import { setupModels } from './model-world.ts'
import { randomModels } from './random-models.ts'

test('the statements of any set of models make exactly what they declare', async () => {
  await using t = await setupModels({}, 'select')

  await fc.assert(
    fc.asyncProperty(randomModels('declared'), async ({ models, expected }) => {
      for (const statement of ddlOf(models)) await t.witness(statement)
      const seen = await readCatalogue(t.witness, 'declared')
      await t.witness('drop schema declared cascade')
      expect(seen).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
