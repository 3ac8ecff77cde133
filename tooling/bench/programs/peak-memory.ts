import { openPeers } from '../peers.ts'
import { stream } from '../workloads/stream.ts'

// Streams all readings through one contender and prints how many megabytes its resident memory rose above its start.

const SAMPLE_MS = 2

const [contender, url = ''] = process.argv.slice(2)
await using peers = openPeers(url)
const chosen = stream(peers).contenders.find(({ name }) => name === contender)
if (chosen === undefined) throw new Error(`${contender} does not stream`)

const startBytes = process.memoryUsage.rss()
let peakBytes = startBytes
const sampling = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
}, SAMPLE_MS)
await chosen.run(0)
clearInterval(sampling)
console.log((peakBytes - startBytes) / 1_000_000)
