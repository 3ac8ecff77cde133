import { expect, test } from 'vitest'
import { lint, lintRules } from '../src/commands/lint.ts'
import { contractSamples } from './lint-corpus/contracts.ts'
import { lockSamples } from './lint-corpus/locks.ts'
import type { Sample } from './lint-corpus/sample.ts'
import { shapeSamples } from './lint-corpus/shapes.ts'
import { transactionSamples } from './lint-corpus/transactions.ts'

const corpus = { ...lockSamples, ...contractSamples, ...transactionSamples, ...shapeSamples }

const rows = Object.entries(corpus).flatMap(([rule, { finds, quiet }]) => [
  ...finds.map((sample) => ({ rule, finds: true, sample, title: titleOf(sample) })),
  ...quiet.map((sample) => ({ rule, finds: false, sample, title: titleOf(sample) })),
])

test.each(rows.filter(({ finds }) => finds))('$rule finds | $title', async ({ rule, sample }) => {
  expect(await rulesFoundIn(sample)).toContain(rule)
})

test.each(rows.filter(({ finds }) => !finds))(
  '$rule is quiet | $title',
  async ({ rule, sample }) => {
    expect(await rulesFoundIn(sample)).not.toContain(rule)
  },
)

test('every rule has cases of both kinds; only what is no SQL has its own tests', async () => {
  const missing = (await lintRules())
    .map(({ id }) => id)
    .filter((id) => {
      const samples = corpus[id]
      return samples === undefined || samples.finds.length === 0 || samples.quiet.length === 0
    })
  expect(missing).toEqual(['unrecordable'])
})

async function rulesFoundIn(sample: Sample): Promise<string[]> {
  const { input, options = {} } =
    typeof sample === 'string' ? { input: { file: 'sample.sql', sql: sample } } : sample
  const { findings } = await lint([input], options)
  return findings.map(({ rule }) => rule)
}

function titleOf(sample: Sample): string {
  const { input } = typeof sample === 'string' ? { input: sample } : sample
  const text =
    typeof input === 'string'
      ? input
      : 'sql' in input
        ? input.sql
        : input.plan.map(({ sql }) => sql).join(' | ')
  return JSON.stringify(text.slice(0, 120))
}
