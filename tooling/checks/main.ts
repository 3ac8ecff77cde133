import { join } from 'node:path'
import { boundaries } from './boundaries.ts'
import type { Check, Finding, Outcome } from './check.ts'
import { entries } from './entries.ts'
import { layers } from './layers.ts'
import { measure } from './measure.ts'
import { names } from './names.ts'
import { packages } from './packages.ts'
import { openRepository } from './repository.ts'
import { snippets } from './snippets.ts'
import { text } from './text.ts'

// Runs the checks named in the arguments, or all: node tooling/checks/main.ts entries --write
const checks: readonly Check[] = [
  names,
  text,
  layers,
  boundaries,
  entries,
  packages,
  snippets,
  measure,
]

const arguments_ = process.argv.slice(2)
const write = arguments_.includes('--write')
const chosen = arguments_.filter((argument) => argument !== '--write')
const unknown = chosen.filter((name) => !checks.some((check) => check.name === name))
if (unknown.length > 0) {
  const known = checks.map(({ name }) => name).join(', ')
  console.error(`There is no check named ${unknown.join(', ')}. The checks are ${known}.`)
  process.exit(2)
}

// What a check has started ends with this process, and only if it exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const repository = openRepository(join(import.meta.dirname, '../..'))
let failed = false
for (const check of checks.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  const startedAt = performance.now()
  const { findings, notes = [] } = await outcomeOf(check)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const verdict = findings.length === 0 ? 'ok' : `${findings.length} to mend`
  console.log(`  ${check.name.padEnd(12)}${verdict.padEnd(14)}${seconds} s`)
  for (const line of [...findings.map(describe), ...notes]) console.log(`    ${line}`)
  failed ||= findings.length > 0
}
process.exitCode = failed ? 1 : 0

/** A check that breaks is a finding too, and keeps none of the others from running. */
async function outcomeOf(check: Check): Promise<Outcome> {
  try {
    return await check.run(repository, { write })
  } catch (error) {
    const file = `tooling/checks/${check.name}.ts`
    return { findings: [{ file, message: `the check broke: ${(error as Error).stack}` }] }
  }
}

function describe({ file, line, message }: Finding): string {
  return `${line === undefined ? file : `${file}:${line}`}  ${message}`
}
