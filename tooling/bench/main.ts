import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { temporaryServer } from '@aquifer/embedded'
import { coldStart } from './cold-start.ts'
import { compete } from './compete.ts'
import { openPeers } from './peers.ts'
import { asJson, describeResult } from './report.ts'
import type { Result } from './result.ts'
import { createSchema } from './schema.ts'
import { measureSteps } from './steps.ts'
import { describeSteps } from './steps-report.ts'
import { streamMemory } from './stream-memory.ts'
import { workloads } from './workloads.ts'

/** What is measured in processes of its own instead of in a race. */
const alone = { 'stream-memory': streamMemory, 'cold-start': coldStart }
const STEPS = 'steps'
const known = [...Object.keys(workloads), ...Object.keys(alone), STEPS]

const usage = `npm run bench -- [options] [workload ...]
  --rounds <n>    rounds that count (7)
  --turn <ms>     how long one contender runs in a round (1000)
  --json <file>   also write everything measured to this file
Workloads: ${known.join(', ')}
Without one, all but steps, which shows what each part of a point select costs.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    turn: { type: 'string', default: '1000' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const options = { rounds: Number(values.rounds), turnMs: Number(values.turn) }
const understood =
  options.rounds > 0 && options.turnMs > 0 && positionals.every((name) => known.includes(name))
if (values.help || !understood) {
  console.log(usage)
  process.exit(values.help ? 0 : 2)
}

await using server = await temporaryServer()
{
  await using peers = openPeers(server.url)
  await createSchema(peers.pool)
}
console.log(
  `PostgreSQL ${server.version}, ${options.rounds} rounds of ${options.turnMs} ms. ` +
    'Ratios are medians over pg; below 15 % is noise.\n',
)

const results: Result[] = []
const isChosen = (name: string) => positionals.length === 0 || positionals.includes(name)
const report = (result: Result) => {
  results.push(result)
  console.log(describeResult(result))
}
for (const [name, entry] of Object.entries(workloads)) {
  if (!isChosen(name)) continue
  for await (const result of compete(entry, server.url, options)) report(result)
}
for (const [name, measure] of Object.entries(alone)) {
  if (isChosen(name)) report(await measure(server.url, options.rounds))
}
if (positionals.includes(STEPS)) {
  const steps = await measureSteps(server.url, options)
  results.push(...steps)
  console.log(describeSteps(steps))
}
if (values.json) writeFileSync(values.json, asJson(results, options, server.version))
