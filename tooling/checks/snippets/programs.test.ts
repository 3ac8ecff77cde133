import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRepository } from '../repository.ts'
import { parsePage } from './page.ts'
import { runPrograms } from './programs.ts'

const repository = openRepository(join(import.meta.dirname, '../../..'))
const fence = (info: string, ...content: string[]) =>
  `\`\`\`${info}\n${content.join('\n')}\n\`\`\`\n`

async function run(...fences: string[]): Promise<string[]> {
  const { blocks } = parsePage('docs/pools.md', fences.join(''))
  const findings = await runPrograms([blocks], repository)
  return findings.map(({ file, line, message }) => `${file}:${line} ${message}`)
}

test('a program imports our packages by name and the files of its page, and has a database', async () => {
  const found = await run(
    fence('ts file=question.ts', "export const question = 'select 40 + 2 as answer'"),
    fence(
      'ts',
      "import pg from 'pg'",
      "import { freePort } from '@aquifer/embedded'",
      "import { question } from './question.ts'",
      'const client = new pg.Client({ connectionString: process.env.DATABASE_URL })',
      'await client.connect()',
      'console.log((await client.query(question)).rows, typeof freePort)',
      'await client.end()',
    ),
    fence('text output', '[ { answer: 42 } ] function'),
  )
  expect(found).toEqual([])
})

test('a wrong type is found at its line of the page', async () => {
  const found = await run(fence('ts', 'const one = 1', "const two: number = 'two'"))
  expect(found).toEqual([expect.stringMatching(/^docs\/pools\.md:3 error TS2322/)])
})

test('a program that throws or prints something else is found', async () => {
  const thrown = await run(fence('ts', "throw new Error('no water')"))
  expect(thrown).toEqual([expect.stringMatching(/^docs\/pools\.md:1 the program fails/)])
  expect(thrown[0]).toContain('no water')

  const other = await run(fence('ts', "console.log('one')"), fence('text output', 'two'))
  expect(other).toEqual([expect.stringContaining('the program does not print "two"')])
})
