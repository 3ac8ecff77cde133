import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lint } from '../src/index.ts'
import { contractSamples } from './lint-corpus/contracts.ts'
import { lockSamples } from './lint-corpus/locks.ts'
import { shapeSamples } from './lint-corpus/shapes.ts'
import { transactionSamples } from './lint-corpus/transactions.ts'

const samples = Object.values({
  ...lockSamples,
  ...contractSamples,
  ...transactionSamples,
  ...shapeSamples,
})
  .flatMap(({ finds, quiet }) => [...finds, ...quiet])
  .filter((sample) => typeof sample === 'string')
  .filter((sql) => sql.length < 1_000)

const sample = fc.constantFrom(...samples)

/** Samples one behind the other, in transactions and blocks or not. */
const script = fc
  .array(
    fc.oneof(
      sample,
      sample.map((sql) => `begin; ${sql}; commit`),
      sample.map((sql) => `do $outer$ begin ${sql}; end $outer$`),
      sample.map(
        (sql) =>
          `create function f() returns void language plpgsql as $outer$ begin ${sql}; end $outer$`,
      ),
      fc.constantFrom("set lock_timeout = '2s'", 'set search_path = s', '-- é\n', '/* 😀 */'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(';\n'))

/** A script with words gone, doubled or moved. */
const broken = fc
  .tuple(
    script,
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('drop', 'double', 'swap')), {
      maxLength: 6,
    }),
  )
  .map(([text, edits]) => {
    const words = text.split(/(\s+|[();,'"$])/)
    for (const [at, other, edit] of edits) {
      const index = at % words.length
      const word = words[index] ?? ''
      if (edit === 'drop') words[index] = ''
      else if (edit === 'double') words[index] = word + word
      else {
        words[index] = words[other % words.length] ?? ''
        words[other % words.length] = word
      }
    }
    return words.join('')
  })

test('lint never throws, and every finding points into the text', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(script, broken, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })),
      fc.boolean(),
      async (sql, inTransaction) => {
        const { findings } = await lint([{ file: 'x.sql', sql }], { inTransaction })
        const lines = sql.split('\n')
        for (const { line, column } of findings) {
          expect(line).toBeGreaterThan(0)
          expect(line).toBeLessThanOrEqual(lines.length)
          expect(column).toBeGreaterThan(0)
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})

test('what is found does not depend on what stands above it', async () => {
  await fc.assert(
    fc.asyncProperty(sample, fc.nat(5), async (sql, lines) => {
      const found = async (text: string) =>
        (await lint([{ file: 'x.sql', sql: text }])).findings.map(
          ({ rule, line, column, message }) => ({ rule, line, column, message }),
        )
      const above = `${'-- é\n\n'.repeat(lines)}`
      const moved = (await found(sql)).map((each) => ({ ...each, line: each.line + lines * 2 }))
      expect(await found(above + sql)).toEqual(moved)
    }),
    { numRuns: 500 },
  )
})
