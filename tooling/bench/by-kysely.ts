import type { Kysely } from 'kysely'
import type { Contender } from './contender.ts'
import type { BenchDatabase } from './models.ts'
import type { Peers } from './peers.ts'

/** Work that is written once for every Kysely instance. */
export type KyselyWork = (db: Kysely<BenchDatabase>, index: number) => Promise<unknown>

/** The same query through Kysely as it comes and through an engine outside of a session. */
export function byKysely({ kysely, engine }: Peers, work: KyselyWork): Contender[] {
  return [
    { name: 'kysely', run: (index) => work(kysely, index) },
    { name: 'aquifer', run: (index) => work(engine.db, index) },
  ]
}
