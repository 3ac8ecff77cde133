import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { temporaryServer } from '@aquifer/embedded'
import { compareAnswers } from './answers.ts'
import { openPeers } from './peers.ts'
import { race } from './race.ts'
import { asJson, describeResult, type Result } from './report.ts'
import { createSchema } from './schema.ts'
import { insertReturning } from './workloads/insert-returning.ts'
import { pointSelect } from './workloads/point-select.ts'

const workloads = {
  'point-select': pointSelect,
  'insert-returning': insertReturning,
}

const usage = `npm run bench -- [options] [workload ...]
  --rounds <n>    rounds that count (7)
  --turn <ms>     how long one contender runs in a round (1000)
  --json <file>   also write everything measured to this file
Workloads: ${Object.keys(workloads).join(', ')}`

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
  options.rounds > 0 && options.turnMs > 0 && positionals.every((name) => name in workloads)
if (values.help || !understood) {
  console.log(usage)
  process.exit(values.help ? 0 : 2)
}

await using server = await temporaryServer()
await using peers = openPeers(server.url)
await createSchema(peers.pool)
console.log(
  `PostgreSQL ${server.version}, ${options.rounds} rounds of ${options.turnMs} ms. ` +
    'Ratios are medians over pg; below 15 % is noise.\n',
)

const results: Result[] = []
for (const [name, create] of Object.entries(workloads)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const workload = create(peers)
  await compareAnswers(workload)
  for (const concurrency of workload.concurrency) {
    const standings = await race(workload, concurrency, options)
    const result = { workload: workload.name, concurrency, standings }
    results.push(result)
    console.log(describeResult(result))
  }
}
if (values.json) writeFileSync(values.json, asJson(results, options, server.version))
