import type { Check, Finding } from './check.ts'
import { isTestFile, type Repository } from './repository.ts'

interface Rule {
  readonly pattern: RegExp
  readonly message: string
  readonly applies: (file: string) => boolean
}

const everywhere = () => true
const code = (file: string) => /\.(ts|mjs|cjs)$/.test(file)
const notLockFile = (file: string) => file !== 'pnpm-lock.yaml'

const RULES: readonly Rule[] = [
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/,
    message: 'unfinished work is finished or told in words that a reader can use',
    applies: notLockFile,
  },
  {
    pattern: /(?<![\w.~/-])\/(work|home|Users|root|tmp)\/[\w.-]/,
    message: "a path of somebody's machine means nothing on another one: derive it",
    // A test may make one up.
    applies: (file) => notLockFile(file) && !isTestFile(file),
  },
  {
    pattern: /https?:\/\/(registry\.[\w.-]+|[\w.-]+\/(artifactory|repository\/npm)|[\w.-]+:4873)/,
    message: 'the address of a package registry belongs in the settings of a machine',
    applies: everywhere,
  },
  {
    pattern: /^\s*(test|it)(\.\w+)*\((['"`]).*\bshould\b/,
    message: 'a title states what is the case: say "rolls back", not "should roll back"',
    applies: code,
  },
  {
    pattern: /^(<{7}|={7}|>{7})( |$)/,
    message: 'a merge was left unfinished here',
    applies: everywhere,
  },
  {
    pattern: /[ \t]+$/,
    message: 'white space at the end of a line',
    applies: (file) => /\.(md|ya?ml|sh)$/.test(file) || file === '.ci/run',
  },
]

/** Text that must not be in the repository, whatever the kind of file. */
export const text: Check = {
  name: 'text',
  run: (repository) => ({
    findings: repository.files
      .filter((file) => isText(file) && !file.startsWith('tooling/checks/text.'))
      .flatMap((file) => findingsOf(repository, file)),
  }),
}

function isText(file: string): boolean {
  return /\.(ts|mjs|cjs|json|md|ya?ml|txt|sh|sql)$|(^|\/)(\.[a-z]+|\.ci\/run|LICENSE)$/.test(file)
}

function findingsOf(repository: Repository, file: string): Finding[] {
  const rules = RULES.filter((rule) => rule.applies(file))
  return repository
    .read(file)
    .split('\n')
    .flatMap((content, index) =>
      rules
        .filter(({ pattern }) => pattern.test(content))
        .map(({ message }) => ({ file, line: index + 1, message })),
    )
}
