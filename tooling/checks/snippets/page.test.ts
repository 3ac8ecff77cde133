import { expect, test } from 'vitest'
import { parsePage } from './page.ts'

const fence = (info: string, content: string) => `\`\`\`${info}\n${content}\n\`\`\`\n`

test('the info string says what a block is for', () => {
  const page = [
    '# Pools',
    fence('ts file=models.ts', 'export const a = 1'),
    fence('ts', "import { a } from './models.ts'\nconsole.log(a)"),
    fence('text output', '1'),
    fence('sh', 'npm install'),
    fence('console', '$ npm run check\nok'),
    fence('console background', '$ npm start'),
    fence('json', '{}'),
    fence('text', 'shown as it is'),
  ].join('\n')
  const { blocks, findings } = parsePage('docs/pools.md', page)
  expect(findings).toEqual([])
  expect(blocks).toMatchObject([
    { kind: 'file', path: 'models.ts', line: 2 },
    { kind: 'program', line: 6, content: "import { a } from './models.ts'\nconsole.log(a)" },
    { kind: 'output', content: '1' },
    { kind: 'shell', content: 'npm install' },
    { kind: 'console' },
    { kind: 'console', background: true },
  ])
})

test.each([
  ['no language', fence('', 'npm start'), 'a block says what it is'],
  ['an unknown language', fence('bash', 'npm start'), '"bash" is none of them'],
  ['a block that is not run, without a reason', fence('sh no-run', 'npm start'), 'says why'],
  ['output of nothing', fence('text output', '1'), 'follows the `ts` block'],
])('%s is found', (_, markdown, message) => {
  const { blocks, findings } = parsePage('README.md', `\n${markdown}`)
  expect(blocks).toEqual([])
  expect(findings).toEqual([
    { file: 'README.md', line: 2, message: expect.stringContaining(message) },
  ])
})

test('a block that is not run for a reason is left out', () => {
  const markdown = fence('sh no-run: needs an account', 'npm publish')
  expect(parsePage('README.md', markdown)).toEqual({ blocks: [], findings: [] })
})

test('a block in a list loses the indent of the list', () => {
  const { blocks } = parsePage(
    'README.md',
    '1. Start:\n\n   ```sh\n   npm start\n     -- x\n   ```\n',
  )
  expect(blocks).toMatchObject([{ line: 3, content: 'npm start\n  -- x' }])
})

test('a longer fence holds a shorter one', () => {
  const { blocks } = parsePage('README.md', '````ts\nconst text = `\n```sh\n```\n`\n````\n')
  expect(blocks).toMatchObject([{ kind: 'program', content: 'const text = `\n```sh\n```\n`' }])
})
