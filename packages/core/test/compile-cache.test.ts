import fc from 'fast-check'
import {
  createQueryId,
  DummyDriver,
  type IdentifierNode,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import { expect, test } from 'vitest'
import { EngineCompiler } from '../src/engine/compiler.ts'
import { toSnakeCase } from '../src/model/naming.ts'
import { FactsCache } from '../src/pool/statement-facts.ts'
import { type AnyTables, anyValue, type Values } from './random-conditions.ts'
import { anyQuery, type QueryMaker } from './random-queries.ts'

/** What the engine's compiler has to agree with: it remembers nothing. */
class PlainCompiler extends PostgresQueryCompiler {
  protected override compileUnwrappedIdentifier(node: IdentifierNode): void {
    super.compileUnwrappedIdentifier({ ...node, name: toSnakeCase(node.name) })
  }
}

function setup() {
  const compiler = new EngineCompiler(new FactsCache())
  const db = new Kysely<AnyTables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => compiler,
    },
  })
  /** Compiles it in both ways and says whether they differ. */
  const check = (make: QueryMaker, values: readonly unknown[]) => {
    const query = make(db, inTurn(values)) as ReturnType<QueryMaker> & { toOperationNode(): never }
    const compiled = query.compile()
    const plain = new PlainCompiler().compileQuery(query.toOperationNode(), createQueryId())
    expect(compiled.sql).toBe(plain.sql)
    expect(compiled.parameters).toEqual(plain.parameters)
    return compiler.planOf(compiled)
  }
  return { db, check, compiler }
}

/** The values over and over again, each made different from those before. */
function inTurn(values: readonly unknown[]): Values {
  let at = 0
  return () => {
    const value = values[at % values.length]
    at += 1
    return typeof value === 'string' ? `${value} ${at}` : value
  }
}

const values = fc.array(anyValue, { minLength: 1, maxLength: 20 })

test('any query compiles as without a memory, the first time and the second with other values', () => {
  const { check } = setup()
  let found = 0
  let made = 0
  fc.assert(
    fc.property(anyQuery, values, values, (make, first, second) => {
      made += 1
      if (check(make, first) === check(make, second)) found += 1
    }),
    { numRuns: 1_500 },
  )
  // A node in two places of one tree keeps a shape from being remembered; most shapes have none.
  expect(found).toBeGreaterThan(made / 2)
})

test('shapes that differ in one literal, one name or one length do not meet', () => {
  const { check } = setup()
  const makers: QueryMaker[] = [
    (db) => db.selectFrom('users').select(sql.lit(1).as('n')),
    (db) => db.selectFrom('users').select(sql.lit('1').as('n')),
    (db) => db.selectFrom('users').select(sql.lit(true).as('n')),
    (db) => db.selectFrom('users').select(sql.lit(null).as('n')),
    (db) => db.selectFrom('users').select(sql.lit('null').as('n')),
    (db, value) => db.selectFrom('users').select(sql`${value()}`.as('n')),
    (db, value) => db.selectFrom('users').select('id').where('id', 'in', [value(), value()]),
    (db, value) => db.selectFrom('users').select('id').where('id', 'in', [value()]),
    (db) => db.selectFrom('users').select('id').where('id', 'in', []),
    (db, value) => db.selectFrom('users').select('id').where('id', '=', value()),
    (db) => db.selectFrom('users').select('id').where('id', 'is', null),
    (db, value) => db.selectFrom('users').select('ownerId').where('id', '=', value()),
    (db, value) => db.selectFrom('users').select('id as ownerId').where('id', '=', value()),
  ]
  const shapes = new Set<unknown>()
  for (const round of [['a'], ['b']]) for (const make of makers) shapes.add(check(make, round))
  expect(shapes.size).toBe(makers.length)
})

test('a value that is used twice keeps its two places apart from two values', () => {
  const { check } = setup()
  const twice: QueryMaker = (db, value) =>
    db
      .selectFrom('users')
      .select('id')
      .where((eb) => {
        const shared = eb.val(value())
        return eb.and([eb('id', '=', shared), eb('ownerId', '=', shared)])
      })
  const two: QueryMaker = (db, value) =>
    db
      .selectFrom('users')
      .select('id')
      .where((eb) => eb.and([eb('id', '=', eb.val(value())), eb('ownerId', '=', eb.val(value()))]))
  for (const make of [twice, two, twice, two]) check(make, ['x', 'y'])
  const { check: other } = setup()
  for (const make of [two, twice, two]) other(make, [1, 2])
})

test('what is remembered is bounded, and right after it has started anew', () => {
  const { check } = setup()
  for (let n = 0; n < 12_000; n += 1)
    check(
      (db, value) =>
        db
          .selectFrom('users')
          .select('id')
          .where('id', '=', value())
          .where(sql<boolean>`${sql.lit(n)}`),
      [n],
    )
})
