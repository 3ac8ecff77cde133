import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lint } from '../src/commands/lint.ts'
import { contractSamples } from './lint-corpus/contracts.ts'
import { lockSamples } from './lint-corpus/locks.ts'
import { shapeSamples } from './lint-corpus/shapes.ts'
import { transactionSamples } from './lint-corpus/transactions.ts'

const squawk = createRequire(import.meta.url).resolve('squawk-cli/js/bin/squawk')

/** Which of our rules say what one of squawk's says. */
const EQUIVALENT: Readonly<Record<string, readonly string[]>> = {
  'adding-field-with-default': ['volatile-default', 'generated-column', 'identity-column'],
  'adding-foreign-key-constraint': ['foreign-key-validated'],
  'adding-not-nullable-field': ['set-not-null'],
  'adding-required-field': ['not-null-without-default'],
  'adding-serial-primary-key-field': ['unique-built-directly'],
  'ban-alter-domain-with-add-constraint': ['domain-with-check'],
  'ban-char-field': ['char-type'],
  'ban-concurrent-index-creation-in-transaction': ['concurrently-in-transaction'],
  'ban-create-domain-with-constraint': ['domain-with-check'],
  'ban-drop-column': ['drop-column'],
  'ban-drop-database': ['drop-database'],
  'ban-drop-not-null': ['drop-not-null'],
  'ban-drop-table': ['drop-table'],
  'ban-truncate-cascade': ['truncate-cascade'],
  'ban-uncommitted-transaction': ['transaction-not-closed'],
  'changing-column-type': ['type-change-rewrites'],
  'constraint-missing-not-valid': [
    'foreign-key-validated',
    'check-validated',
    'unique-built-directly',
    'exclusion-constraint',
    'set-not-null',
    'validate-in-same-transaction',
  ],
  'disallowed-unique-constraint': ['unique-built-directly'],
  'identifier-too-long': ['long-name'],
  'prefer-identity': ['serial-column'],
  'prefer-timestamp-tz': ['timestamp-without-zone'],
  'renaming-column': ['rename-column'],
  'renaming-table': ['rename-table'],
  'require-concurrent-index-creation': ['index-not-concurrent'],
  'require-concurrent-index-deletion': ['drop-index-not-concurrent'],
  'require-concurrent-partition-detach': ['detach-not-concurrent'],
  'require-concurrent-reindex': ['reindex-not-concurrent'],
  'require-enum-value-ordering': ['enum-value-without-place'],
  'syntax-error': ['syntax-error', 'unreadable-sql'],
  'transaction-nesting': ['nested-transaction'],
}

/** Where squawk finds something and we do not, and why. */
const DIFFERENCES: readonly (readonly [finding: RegExp, why: string])[] = [
  [/: (set .*)?(create (temp )?table|select 1 as id into)/, 'the table is new in this change'],
  [/: alter table t add (column )?a .*; alter table t (drop|alter)/, 'the column is new'],
  [/^ban-drop-table: .*aquifer-lint-ignore/s, 'a comment of ours silences it'],
  [/^adding-field-with-default: .*lower\('X'\)/, 'the function is immutable'],
  [/^adding-field-with-default: .*virtual/, 'nothing is stored'],
  [/^adding-required-field: .*bigserial/, 'its sequence fills it'],
  [/^adding-foreign-key-constraint: alter table t add/, 'PostgreSQL looks up no NULL'],
  [/^ban-alter-domain-with-add-constraint: .*not valid/, 'nothing is checked'],
  [/^ban-create-domain-with-constraint: .*default/, 'it holds no value to a rule'],
  [/^constraint-missing-not-valid: .*not enforced/, 'nothing is checked'],
  [/^ban-char-field: .*"char"/, 'this is the type of one byte'],
  [/^ban-uncommitted-transaction: .*prepare/, 'it is prepared'],
  [/^transaction-nesting: .*(savepoint|chain)/, 'nothing is nested'],
  [/^renaming-table: .*create view t/, 'the old name goes on'],
  [/^syntax-error: (\\set|copy)/, 'psql understands it'],
]

/** squawk's own recursion has no bound. */
const LONGEST = 10_000

test('what squawk finds in the corpus we find, but for what is said', async () => {
  const samples = Object.values({
    ...lockSamples,
    ...contractSamples,
    ...transactionSamples,
    ...shapeSamples,
  })
    .flatMap(({ finds, quiet }) => [...finds, ...quiet])
    .filter((sample) => typeof sample === 'string')
    .filter((sql) => sql.length < LONGEST)

  const differences = new Set<string>()
  for (const [sql, rules] of await squawkOn([...new Set(samples)])) {
    const { findings } = await lint([{ file: 'sample.sql', sql }])
    const ours = new Set(findings.map(({ rule }) => rule))
    for (const rule of rules) {
      const equivalent = EQUIVALENT[rule]
      if (equivalent === undefined || equivalent.some((id) => ours.has(id))) continue
      differences.add(`${rule}: ${sql}`)
    }
  }
  const unexplained = [...differences].filter(
    (difference) => !DIFFERENCES.some(([finding]) => finding.test(difference)),
  )
  expect(unexplained).toEqual([])
  const idle = DIFFERENCES.filter(
    ([finding]) => ![...differences].some((each) => finding.test(each)),
  )
  expect(idle).toEqual([])
})

async function squawkOn(samples: readonly string[]): Promise<Map<string, Set<string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-squawk-'))
  const files = samples.map((_, index) => `${index}.sql`)
  for (const [index, file] of files.entries())
    await writeFile(join(folder, file), samples[index] ?? '')
  const output = await new Promise<string>((resolve) => {
    const options = { cwd: folder, maxBuffer: 1e8 }
    execFile(
      process.execPath,
      [squawk, '--reporter', 'json', ...files],
      options,
      (_error, stdout) => resolve(stdout),
    )
  })
  await rm(folder, { recursive: true })
  const found = new Map(samples.map((sql) => [sql, new Set<string>()]))
  for (const { file, rule_name: rule } of JSON.parse(output)) {
    found.get(samples[Number.parseInt(file, 10)] ?? '')?.add(rule)
  }
  return found
}
