import type { Kysely } from 'kysely'
import Cursor from 'pg-cursor'
import type { Contender, Workload } from '../contender.ts'
import type { BenchDatabase } from '../models.ts'
import type { Peers } from '../peers.ts'

const TEXT = 'select id, sensor, value, valid, taken_at as "takenAt" from readings'
const COLUMNS = ['id', 'sensor', 'value', 'valid', 'takenAt'] as const
const CHUNK_ROWS = 1_000

interface Reading {
  readonly id: number
  readonly sensor: string
  readonly value: number
  readonly valid: boolean
  readonly takenAt: Date
}

/** All readings, a thousand rows at a time, every value looked at. */
export function stream({ pool, postgres: sql, kysely, engine }: Peers): Workload {
  return {
    name: 'stream',
    concurrency: [1],
    streams: true,
    contenders: [
      {
        name: 'pg',
        async run() {
          const seen = new Seen()
          const client = await pool.connect()
          const cursor = client.query(new Cursor<Reading>(TEXT))
          for (;;) {
            const rows = await cursor.read(CHUNK_ROWS)
            if (rows.length === 0) break
            for (const row of rows) seen.add(row)
          }
          await cursor.close()
          client.release()
          return { ...seen }
        },
      },
      {
        name: 'postgres.js',
        async run() {
          const seen = new Seen()
          const rows = sql<Reading[]>`
            select id, sensor, value, valid, taken_at as "takenAt" from readings`
          for await (const chunk of rows.cursor(CHUNK_ROWS)) for (const row of chunk) seen.add(row)
          return { ...seen }
        },
      },
      byKysely('kysely', kysely),
      byKysely('aquifer', engine.db),
    ],
  }
}

function byKysely(name: string, db: Kysely<BenchDatabase>): Contender {
  return {
    name,
    async run() {
      const seen = new Seen()
      const rows = db.selectFrom('readings').select(COLUMNS).stream(CHUNK_ROWS)
      for await (const row of rows) seen.add(row)
      return { ...seen }
    },
  }
}

/** What is kept of the rows: enough to see that two streams brought the same. */
class Seen {
  rows = 0
  ids = 0
  characters = 0
  values = 0
  valid = 0
  takenAtMs = 0

  add({ id, sensor, value, valid, takenAt }: Reading): void {
    this.rows += 1
    this.ids += id
    this.characters += sensor.length
    this.values += value
    if (valid) this.valid += 1
    this.takenAtMs += takenAt.getTime() % 86_400_000
  }
}
