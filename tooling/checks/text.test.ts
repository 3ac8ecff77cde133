import { expect, test } from 'vitest'
import { memoryRepository } from './repository.ts'
import { text } from './text.ts'

async function messages(file: string, content: string): Promise<string[]> {
  const { findings } = await text.run(memoryRepository({ [file]: content }), {})
  return findings.map(({ line, message }) => `${line} ${message}`)
}

test.each([
  ['unfinished work', 'apps/api/src/app.ts', '// TODO: later', 'unfinished work is'],
  ['a home folder', 'docs/start.md', `cd /${'home'}/ada/aquifer`, "a path of somebody's"],
  ['a temporary folder', '.ci/run', `rm -r /${'tmp'}/aquifer`, "a path of somebody's"],
  [
    'a registry',
    'pnpm-lock.yaml',
    `tarball: https://${'registry'}.example/pg`,
    'the address of a package',
  ],
  ['a local registry', '.npmrc', `registry=http://localhost:${4873}/`, 'the address of a package'],
  ['a title with "should"', 'a.test.ts', "test('it should commit', () => {})", 'a title states'],
  ['an unfinished merge', 'README.md', '<<<<<<< HEAD', 'a merge was left'],
  ['white space at the end', 'README.md', 'one ', 'white space'],
])('%s is found', async (_, file, content, message) => {
  expect(await messages(file, `\n${content}\n`)).toEqual([expect.stringContaining(`2 ${message}`)])
})

test.each(['TODO', 'FIXME', 'XXX', 'HACK'])('%s is found in a comment', async (word) => {
  expect(await messages('apps/api/src/app.ts', `// ${word} later`)).toHaveLength(1)
})

test('ordinary text is left alone', async () => {
  const content = [
    'const url = "postgres://postgres@127.0.0.1:5432/postgres"',
    "import { work } from './worker/loop.ts'",
    'const page = "https://www.postgresql.org/docs/"',
    "test('a shoulder is not a verb', () => {})",
  ]
  expect(await messages('apps/api/src/app.test.ts', content.join('\n'))).toEqual([])
})
