import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'

/** One of them is too short to be timed alone. */
const BATCH = 100

/** A connection taken and given back with nothing done on it. */
export function checkout({ pool, engine }: Peers, batch: number = BATCH): Workload {
  return {
    name: 'checkout',
    concurrency: [1],
    batch,
    contenders: [
      {
        name: 'pg',
        async run() {
          for (let n = 0; n < batch; n += 1) {
            const client = await pool.connect()
            client.release()
          }
        },
      },
      {
        name: 'aquifer',
        async run() {
          for (let n = 0; n < batch; n += 1) {
            const lease = await engine.acquire()
            lease.release()
          }
        },
      },
    ],
  }
}
