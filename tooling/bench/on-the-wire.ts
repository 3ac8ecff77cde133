import type { Workload } from './contender.ts'
import { openLink } from './link.ts'
import { openPeers, type Peers } from './peers.ts'
import { WireCount } from './wire-count.ts'

/** What one operation sends. */
export interface OnTheWire {
  readonly contender: string
  readonly statements: number
  readonly flights: number
}

/** Long enough that what leaves in one tick has left before an answer is back. */
const ONE_WAY_MS = 1
const WARM_UP = 2
const COUNTED = 10

/** Runs operations of a workload one by one over a link of its own, and counts what each contender sends. */
export async function countOnTheWire(
  create: (peers: Peers) => Workload,
  url: string,
): Promise<OnTheWire[]> {
  const counts: WireCount[] = []
  const observe = () => {
    const count = new WireCount()
    counts.push(count)
    return count
  }
  await using link = await openLink(url, { oneWayMs: ONE_WAY_MS, observe })
  await using peers = openPeers(link.url)
  const { contenders, batch = 1 } = create(peers)
  const total = (of: 'statements' | 'flights') => counts.reduce((sum, one) => sum + one[of], 0)
  const found: OnTheWire[] = []
  for (const { name, run } of contenders) {
    for (let index = 0; index < WARM_UP; index += 1) await run(index)
    const before = { statements: total('statements'), flights: total('flights') }
    for (let index = 0; index < COUNTED; index += 1) await run(WARM_UP + index)
    found.push({
      contender: name,
      statements: (total('statements') - before.statements) / (COUNTED * batch),
      flights: (total('flights') - before.flights) / (COUNTED * batch),
    })
  }
  return found
}
