import { posix } from 'node:path'
import type { Check, Finding } from './check.ts'
import type { Repository } from './repository.ts'

const LONGEST_FILE = 400
const SAYS_NOTHING = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types'])
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/
const REVISION = /^\d{14}_[0-9a-z]{8}_[a-z0-9_]+\.ts$/

/** Names of files and folders say what they hold; no file holds more than a reader can. */
export const names: Check = {
  name: 'names',
  run: (repository) => ({
    findings: repository.files
      .filter((file) => /^(apps|packages|tooling|docs)\//.test(file))
      .flatMap((file) => [...badNames(file), ...tooLong(repository, file)]),
  }),
}

function badNames(file: string): Finding[] {
  if (!/\.(ts|mjs|cjs|md)$/.test(file)) return []
  const words = file.split('/')
  return words.flatMap((word, position) => {
    const isFile = position === words.length - 1
    if (isFile && (REVISION.test(word) || /^[A-Z]+\.md$/.test(word))) return []
    const stems = isFile ? word.split('.').slice(0, -1) : [word]
    if (SAYS_NOTHING.has(stems[0] ?? '') && !isTypeTestFolder(words, position)) {
      return [{ file, message: `"${word}" does not say what it holds: name it after its idea` }]
    }
    return stems.every((stem) => KEBAB.test(stem))
      ? []
      : [{ file, message: `"${word}" is not kebab-case, as every other name is` }]
  })
}

/** `test/types/` holds the type tests of a package. */
function isTypeTestFolder(words: readonly string[], position: number): boolean {
  return words[position] === 'types' && words[position - 1] === 'test'
}

function tooLong(repository: Repository, file: string): Finding[] {
  if (!['.ts', '.mjs', '.cjs'].includes(posix.extname(file))) return []
  const lines = countLines(repository.read(file))
  if (lines <= LONGEST_FILE) return []
  return [{ file, message: `${lines} lines hold two ideas; ${LONGEST_FILE} are the most` }]
}

/** The number of lines of a text that ends with a line break. */
export function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
