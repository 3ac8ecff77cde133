import type { Kysely } from 'kysely'
import type { BenchDatabase } from '../models.ts'
import type { Peers } from '../peers.ts'
import type { Batch, Step } from './step.ts'

type Db = Kysely<BenchDatabase>

const COLUMNS = ['email', 'displayName', 'loginCount', 'active', 'createdAt'] as const

const build = (db: Db, id: number, alias: string) =>
  db
    .selectFrom('users')
    .select(COLUMNS)
    .select((eb) => eb.ref('id').as(alias))
    .where('id', '=', id)

/** What it takes to say what is wanted: building the query, and making SQL of it. */
export function querySteps({ kysely, engine }: Peers): Step[] {
  const both = (batchOf: (db: Db) => Batch) => ({
    kysely: batchOf(kysely),
    aquifer: batchOf(engine.db),
  })
  return [
    { name: 'build the query', batches: both(building) },
    { name: 'compile a new shape', batches: both((db) => compiling(db, newAlias)) },
    { name: 'compile a known shape', batches: both((db) => compiling(db, () => 'id')) },
    { name: 'execute it compiled', batches: both(executing) },
  ]
}

function building(db: Db): Batch {
  return (count) => () => {
    for (let id = 1; id <= count; id += 1) build(db, id, 'id')
  }
}

function compiling(db: Db, alias: () => string): Batch {
  return (count) => {
    const queries = Array.from({ length: count }, (_, id) => build(db, id, alias()))
    return () => {
      for (const query of queries) query.compile()
    }
  }
}

function executing(db: Db): Batch {
  return (count) => {
    const queries = Array.from({ length: count }, (_, id) => build(db, id + 1, 'id').compile())
    return async () => {
      for (const query of queries) await db.executeQuery(query)
    }
  }
}

let aliases = 0

/** A name that no query has had. */
function newAlias(): string {
  aliases += 1
  return `id${aliases}`
}
