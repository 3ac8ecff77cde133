import fc from 'fast-check'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { defineModel, type Engine, TimeoutError } from '../src/index.ts'
import { softDelete, timestamps, versioned } from '../src/models.ts'
import { setupModels } from './model-world.ts'
import {
  QueryBuilding,
  type RandomTables,
  randomCondition,
  randomQuery,
} from './random-scoped-queries.ts'

const columns = { id: c.integer(), k: c.integer().nullable() }
const scoped = {
  papers: defineModel('papers', {
    ...columns,
    shop: c.tenant(c.text()),
    ...softDelete(),
    ...versioned(),
    ...timestamps(),
  }),
  authors: defineModel('authors', { ...columns, ...softDelete() }),
  plain: defineModel('plain', columns),
}
const visible = {
  papers: defineModel('papers', columns),
  authors: defineModel('authors', columns),
  plain: defineModel('plain', columns),
}

const tables = `
  create table papers (
    id int, k int, shop text not null default 'north', deleted_at timestamptz, version int not null default 1,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now()
  );
  create table authors (id int, k int, deleted_at timestamptz);
  create table plain (id int, k int);`
const rows = `
  insert into papers select n, nullif(n % 4, 0), case when n % 5 = 0 then 'south' else 'north' end, case when n % 3 = 0 then now() end
    from generate_series(1, 8) as n;
  insert into authors select n, nullif(n % 3, 0), case when n % 4 = 1 then now() end from generate_series(1, 6) as n;
  insert into plain select n, n % 2 from generate_series(1, 2) as n;`
const removed = `delete from papers where shop = 'south' or deleted_at is not null; delete from authors where deleted_at is not null`

/** One database whose hidden rows are there, and one where they were removed. */
async function setup() {
  const hiding = await setupModels(scoped, tables + rows)
  const plain = await setupModels(visible, tables + rows + removed)
  return {
    hiding: hiding.engine as unknown as Engine<RandomTables>,
    plain: plain.engine as unknown as Engine<RandomTables>,
    [Symbol.asyncDispose]: async () => {
      await hiding[Symbol.asyncDispose]()
      await plain[Symbol.asyncDispose]()
    },
  }
}

const context = { tenant: 'north' }
const sorted = (answer: readonly unknown[]) => answer.map((row) => JSON.stringify(row)).sort()

/** Runs the same in both, undone afterwards. */
async function inBoth(
  { hiding, plain }: Awaited<ReturnType<typeof setup>>,
  run: (db: Kysely<RandomTables>) => Promise<unknown[]>,
) {
  const undone = new Error('undone')
  const answers: string[][] = []
  for (const engine of [hiding, plain]) {
    const work = engine.session(
      async () => {
        answers.push(sorted(await run(engine.db)))
        throw undone
      },
      { context },
    )
    await work.catch((error) => {
      // A query that multiplies its tables too often says nothing.
      fc.pre(!(error instanceof TimeoutError))
      if (error !== undone) throw error
    })
  }
  return answers
}

test('any select answers as if hidden rows were not there', async () => {
  await using t = await setup()
  let found = 0
  await fc.assert(
    fc.asyncProperty(randomQuery, async (query) => {
      const run = (db: Kysely<RandomTables>) => new QueryBuilding().query(db, query).execute()
      const [hiding, plain] = await inBoth(t, run)
      expect(hiding).toEqual(plain)
      if ((plain?.length ?? 0) > 0) found += 1
    }),
    { numRuns: 150, interruptAfterTimeLimit: 15_000 },
  )
  expect(found).toBeGreaterThan(0)
})

const write = fc.record({
  table: fc.constantFrom('papers', 'authors'),
  kind: fc.constantFrom('update', 'delete', 'updateFrom', 'deleteUsing'),
  condition: randomCondition,
})

test('any update or delete changes what it would change if hidden rows were not there', async () => {
  await using t = await setup()
  await fc.assert(
    fc.asyncProperty(write, async ({ table, kind, condition }) => {
      const answers = await inBoth(t, async (db) => {
        const building = new QueryBuilding()
        const where = (names: string[]) => (eb: unknown) => building.condition(eb, condition, names)
        const one = `${table} as one` as 'papers as one'
        const other = 'authors as other' as const
        const both = where(['one', 'other'])
        const query = {
          update: () =>
            db
              .updateTable(one)
              .set({ k: 9 })
              .where(where(['one'])),
          delete: () => db.deleteFrom(one).where(where(['one'])),
          updateFrom: () => db.updateTable(one).from(other).set({ k: 9 }).where(both),
          deleteUsing: () => db.deleteFrom(one).using(other).where(both),
        }[kind]()
        const changed = await (query as ReturnType<typeof db.deleteFrom<'papers'>>)
          .returning(['one.id' as never])
          .execute()
        return changed
      })
      expect(answers[0]).toEqual(answers[1])
    }),
    { numRuns: 150, interruptAfterTimeLimit: 15_000 },
  )
})
