import type { Workload } from '../contender.ts'
import type { Peers } from '../peers.ts'

const BATCH = 100

/** A connection taken and given back with nothing done on it. */
export function checkout({ pool, engine }: Peers): Workload {
  return {
    name: 'checkout',
    concurrency: [1],
    batch: BATCH,
    contenders: [
      {
        name: 'pg',
        async run() {
          for (let n = 0; n < BATCH; n += 1) {
            const client = await pool.connect()
            client.release()
          }
        },
      },
      {
        name: 'aquifer',
        async run() {
          for (let n = 0; n < BATCH; n += 1) {
            const lease = await engine.acquire()
            lease.release()
          }
        },
      },
    ],
  }
}
