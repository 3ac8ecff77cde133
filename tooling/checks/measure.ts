import { posix } from 'node:path'
import type { Check } from './check.ts'
import { countLines } from './names.ts'
import { readEntries } from './public-names.ts'
import { isTestFile, type Repository } from './repository.ts'

/** The numbers of the house: nothing fails here, but a drift is seen early. */
export const measure: Check = {
  name: 'measure',
  run: (repository) => ({
    findings: [],
    notes: [
      describe('source', repository, (file) => !isTestFile(file)),
      describe('tests', repository, isTestFile),
      ...readEntries(repository).map(
        ({ specifier, names }) => `${specifier}: ${names.length} names`,
      ),
    ],
  }),
}

function describe(what: string, repository: Repository, select: (file: string) => boolean): string {
  const sizes = repository.files
    .filter((file) => /^(apps|packages|tooling)\/.*\.(ts|mjs)$/.test(file) && select(file))
    .map((file) => ({ file, lines: countLines(repository.read(file)) }))
    .sort((a, b) => a.lines - b.lines)
  const at = (share: number) => sizes[Math.ceil(share * sizes.length) - 1]?.lines ?? 0
  const longest = sizes.at(-1)
  if (!longest) return `${what}: no files yet`
  const name = posix.join(posix.basename(posix.dirname(longest.file)), posix.basename(longest.file))
  return `${what}: ${sizes.length} files, lines median ${at(0.5)}, p90 ${at(0.9)}, longest ${longest.lines} (${name})`
}
