import { expect, test } from 'vitest'
import { unwantedFiles } from './packages.ts'

const sources = new Set(['src/index.ts', 'src/pool/pool.ts'])
const judge = (...paths: string[]) => unwantedFiles(paths, (path) => sources.has(path))

test('a package of dist and a licence is what users need', () => {
  expect(
    judge(
      'LICENSE',
      'package.json',
      'README.md',
      'dist/index.js',
      'dist/chunk.js',
      'dist/index.d.ts',
      'dist/pool/pool.d.ts',
    ),
  ).toEqual([])
})

test.each([
  ['src/index.ts', 'only dist is for users'],
  ['dist/pool/pool.test.js', 'tests are not for users'],
  ['dist/index.js.map', 'the sources it leads to are not'],
  ['dist/pool/basin.d.ts', 'left from an earlier build'],
])('%s in a package is found', (path, message) => {
  expect(judge('LICENSE', path)).toEqual([expect.stringContaining(message)])
})

test('a package without its licence is found', () => {
  expect(judge('dist/index.js')).toEqual(['LICENSE is missing in the package'])
})
