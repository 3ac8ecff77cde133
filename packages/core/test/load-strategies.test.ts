import fc from 'fast-check'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { loaders } from '../src/load/index.ts'
import type { Model } from '../src/models.ts'
import { type Plain, Reference, type Wish } from './load-reference.ts'
import { setupModels } from './model-world.ts'
import { type Draw, drawGraph, snake } from './random-graph.ts'

/** How each edge of a load is asked to be done. */
type Way = (many: boolean, depth: number) => string
const ways: Record<string, Way> = {
  auto: () => 'auto',
  lateral: () => 'lateral',
  selectin: () => 'selectin',
  joined: (many) => (many ? 'selectin' : 'joined'),
  mixed: (many, depth) => (depth > 1 ? 'lateral' : many || depth === 0 ? 'selectin' : 'joined'),
}

type Loading = {
  [Name in 'load' | 'loadInto' | 'countOf' | 'existsOf' | 'minOf' | 'maxOf' | 'sumOf']: (
    ...given: unknown[]
  ) => unknown
}
type AnyDb = Kysely<Record<string, Record<string, unknown>>>

/** Who is asked for edges, and how. */
interface Asking {
  readonly all: Loading
  readonly models: Record<string, Model>
  readonly way: Way
  /** Is added to every value. */
  readonly shift: number
}

/** The spec of these wishes; what is inside of JSON never asks for a statement. */
function specOf(model: Model, wishes: readonly Wish[], asking: Asking, depth = 0): object {
  const { all, models, way, shift } = asking
  return Object.fromEntries(
    wishes.map(({ as, relation, columns, pivot, above, orderBy, limit, fn, edges }) => {
      const { kind, target } = model.relations[relation] as NonNullable<Model['relations'][string]>
      const many = kind === 'hasMany' || kind === 'manyToMany'
      const where = above !== undefined && {
        where: (e: (...given: unknown[]) => unknown) => e('whole', '>', above + shift),
      }
      if (fn !== undefined) {
        const options = { ...where, strategy: way(true, depth) }
        const column = fn === 'sum' ? ['large'] : fn === 'count' || fn === 'exists' ? [] : ['whole']
        return [as, all[`${fn}Of`](model.name, relation, ...column, options)]
      }
      const load = specOf(models[target] as Model, edges, asking, depth + 1)
      const options = { columns, pivot, limit, strategy: way(many, depth), load, ...where }
      const given = Object.entries(options).filter(([, option]) => option !== undefined)
      return [
        as,
        { ...Object.fromEntries(given), ...(orderBy && { orderBy: [['whole', orderBy]] }) },
      ]
    }),
  )
}

function drawWishes(
  draw: Draw,
  models: Record<string, Model>,
  model: Model,
  depth: number,
): Wish[] {
  const names = draw(fc.shuffledSubarray(Object.keys(model.relations))).slice(0, depth > 1 ? 2 : 4)
  return names.map((relation) => {
    const { target: to, kind } = model.relations[relation] as NonNullable<
      Model['relations'][string]
    >
    const target = models[to] as Model
    const above = draw(fc.option(fc.integer({ min: -3, max: 1 }), { nil: undefined }))
    const fn = draw(
      fc.option(fc.constantFrom('count', 'exists', 'min', 'max', 'sum'), {
        nil: undefined,
        freq: 3,
      }),
    )
    const common = { relation, ...(above !== undefined && { above }) }
    if (fn !== undefined)
      return { ...common, as: `${fn}Of${relation}`, fn: fn as 'count', edges: [] }
    const many = kind === 'hasMany' || kind === 'manyToMany'
    const some = draw(fc.boolean())
    return {
      ...common,
      as: relation,
      edges: depth < 3 ? drawWishes(draw, models, target, depth + 1) : [],
      ...(some && { columns: draw(fc.subarray(Object.keys(target.columns), { minLength: 1 })) }),
      ...(draw(fc.boolean()) && { orderBy: draw(fc.constantFrom('asc', 'desc')) as 'asc' }),
      ...(many && draw(fc.boolean()) && { limit: draw(fc.integer({ min: 0, max: 3 })) }),
      ...(kind === 'manyToMany' && draw(fc.boolean()) && { pivot: ['note', 'id'] }),
    }
  })
}

const shifted = (wishes: readonly Wish[], by: number): Wish[] =>
  wishes.map((wish) => ({
    ...wish,
    ...(wish.above !== undefined && { above: wish.above + by }),
    edges: shifted(wish.edges, by),
  }))

test('every strategy gives what plain selects give that are put together by hand', async () => {
  const checked: string[] = []
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (gen) => {
      const draw: Draw = (arbitrary) => gen(() => arbitrary)
      const { models, ddl, rows } = drawGraph(draw)
      await using t = await setupModels(models, ddl)
      for (const [name, written] of Object.entries(rows)) {
        for (const row of written) {
          const names = Object.keys(row)
          const places = names.map((_, at) => `$${at + 1}`)
          await t.witness(
            `insert into ${name} (${names.map(snake)}) values (${places})`,
            Object.values(row),
          )
        }
      }
      const db = t.engine.db as unknown as AnyDb
      const all = loaders(models as never) as unknown as Loading
      const plain: Record<string, Plain[]> = {}
      for (const name of Object.keys(models))
        plain[name] = await db.selectFrom(name).selectAll().execute()
      const reference = new Reference(models, plain)
      for (let round = 0; round < 6; round += 1) {
        const model = models[draw(fc.constantFrom('ants', 'bees', 'cats'))] as Model
        const wishes = drawWishes(draw, models, model, 1)
        const limit = draw(fc.constantFrom(undefined, 3, 30))
        const shows = draw(fc.constantFrom('all', 'words'))
        const shown = shows === 'all' ? Object.keys(model.columns) : [shows]
        // The second time is of the same shape, with other values.
        for (const shift of [0, 1, 0]) {
          const inOrder = await ordered(db, model)
            .selectAll()
            .$if(limit !== undefined, (q) => q.limit(limit as number))
            .execute()
          const wanted = inOrder.map((row) => ({
            ...(shows === 'all' ? row : { words: row.words }),
            ...reference.edges(model, row, shifted(wishes, shift)),
          }))
          for (const [name, way] of Object.entries(ways)) {
            const load = all.load(model.name, specOf(model, wishes, { all, models, way, shift }))
            let query = ordered(db, model).select(shown)
            if (limit !== undefined) query = query.limit(limit)
            const loaded = query.$call(load as (given: typeof query) => typeof query)
            expect(await loaded.execute(), name).toEqual(wanted)
            if (round === 0) {
              const streamed: unknown[] = []
              for await (const row of loaded.stream(2)) streamed.push(row)
              expect(streamed, `${name}, streamed`).toEqual(wanted)
            }
            if (shows !== 'all') continue
            const hand = inOrder.map((row) => ({ ...row }))
            await all.loadInto(
              db,
              model.name,
              hand,
              specOf(model, wishes, { all, models, way, shift }),
            )
            expect(hand, `${name}, in hand`).toEqual(wanted)
            checked.push(name)
          }
        }
      }
    }),
    { numRuns: 8, endOnFailure: true },
  )
  expect(new Set(checked).size).toBe(5)
}, 120_000)

function ordered(db: AnyDb, { name, primaryKey }: Model) {
  let query = db.selectFrom(name)
  for (const column of primaryKey) query = query.orderBy(column)
  return query
}
