import type { Workload } from './contender.ts'
import type { Peers } from './peers.ts'
import { checkout } from './workloads/checkout.ts'
import { emptyTransaction } from './workloads/empty-transaction.ts'
import { insertReturning } from './workloads/insert-returning.ts'
import { jsonBody } from './workloads/json-body.ts'
import { keysetPage } from './workloads/keyset-page.ts'
import { nestedFiveHundred, nestedList, newestThree } from './workloads/nested-list.ts'
import { pointSelect } from './workloads/point-select.ts'
import { stream } from './workloads/stream.ts'
import { transfer, transferFar } from './workloads/transfer.ts'
import { updateReturning } from './workloads/update-returning.ts'
import { watch } from './workloads/watch.ts'

/** A workload of the bench, and where its server stands. */
export interface Entry {
  create(peers: Peers): Workload
  /** The round trip to the server; without it the server is as near as it can be. */
  readonly roundTripMs?: number
}

/** All workloads, by the name that the command line knows them by. */
export const workloads: Readonly<Record<string, Entry>> = {
  'point-select': { create: pointSelect },
  'insert-returning': { create: insertReturning },
  'update-returning': { create: updateReturning },
  transfer: { create: transfer },
  'transfer-far': { create: transferFar, roundTripMs: 2.6 },
  'empty-transaction': { create: emptyTransaction },
  checkout: { create: (peers) => checkout(peers) },
  stream: { create: stream },
  'nested-list': { create: nestedList },
  'nested-500': { create: nestedFiveHundred },
  'newest-three': { create: newestThree },
  'keyset-page': { create: keysetPage },
  'json-body': { create: jsonBody },
  watch: { create: watch },
}
