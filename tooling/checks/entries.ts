import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Check, Finding } from './check.ts'
import { type Entry, readEntries } from './public-names.ts'
import type { Repository } from './repository.ts'

const MOST_NAMES = 90
const MOST_CHANGES = 8
const LIMITED = '@aquifer/core'

/**
 * What users can import is a promise: every name has a docstring, the list of names is committed,
 * and core's entry stays small enough to be read.
 */
export const entries: Check = {
  name: 'entries',
  run(repository, { write = false }) {
    const all = readEntries(repository)
    const lists = writtenLists(all)
    if (write) save(repository, lists)
    return {
      findings: [
        ...all.flatMap(undocumented),
        ...all.flatMap(tooMany),
        ...(write ? [] : differences(repository, lists)),
      ],
    }
  },
}

function undocumented({ specifier, names }: Entry): Finding[] {
  return names
    .filter(({ documented }) => !documented)
    .map(({ name, file }) => ({
      file,
      message: `${name}, a public name of ${specifier}, has no docstring: say in one sentence what the caller gets`,
    }))
}

function tooMany({ specifier, file, names }: Entry): Finding[] {
  if (specifier !== LIMITED || names.length <= MOST_NAMES) return []
  return [
    {
      file,
      message: `${names.length} names are more than a reader can take in; at most ${MOST_NAMES}: move some to an entry of their own`,
    },
  ]
}

/** File name to content: one list per library, its entries under headings. */
function writtenLists(all: readonly Entry[]): Map<string, string> {
  const lists = new Map<string, string>()
  for (const { library, specifier, names } of all) {
    const file = `tooling/checks/entries/${library.replace(/^@aquifer\//, '')}.txt`
    const section = [`# ${specifier}`, ...names.map(({ name }) => name)].join('\n')
    const before = lists.get(file)
    lists.set(file, `${before ? `${before}\n` : ''}${section}\n`)
  }
  return lists
}

function save(repository: Repository, lists: ReadonlyMap<string, string>): void {
  for (const [file, content] of lists) {
    mkdirSync(dirname(join(repository.root, file)), { recursive: true })
    writeFileSync(join(repository.root, file), content)
  }
}

function differences(repository: Repository, lists: ReadonlyMap<string, string>): Finding[] {
  return [...lists].flatMap(([file, content]) => {
    const committed = repository.files.includes(file) ? repository.read(file) : ''
    if (committed === content) return []
    const changes = [
      ...changedLines(content, committed, 'is new'),
      ...changedLines(committed, content, 'is gone'),
    ]
    return {
      file,
      message: `the public names changed: ${inShort(changes)}. If that is meant, run \`npm run check -- entries --write\` and add a changeset`,
    }
  })
}

function inShort(changes: readonly string[]): string {
  const rest = changes.length - MOST_CHANGES
  const shown = changes.slice(0, MOST_CHANGES).join(', ') || 'their order'
  return rest > 0 ? `${shown} and ${rest} more` : shown
}

/** Lines of `one` that `other` does not have under the same heading. */
function changedLines(one: string, other: string, what: string): string[] {
  const known = new Set(underHeadings(other))
  return underHeadings(one)
    .filter((line) => !known.has(line))
    .map((line) => `${line} ${what}`)
}

function underHeadings(list: string): string[] {
  let heading = ''
  return list.split('\n').flatMap((line) => {
    if (line.startsWith('# ')) heading = line.slice(2)
    return line === '' || line.startsWith('# ') ? [] : `${heading}: ${line}`
  })
}
