import type { Expression, QueryExecutorProvider, SelectQueryBuilder, SqlBool } from 'kysely'
import type { ColumnsWith, Model } from '../model/model.ts'
import type { Models } from '../model/registry.ts'
import { Aggregate, type AggregateFunction, type AggregateOf } from './aggregate.ts'
import { Batches } from './batch.ts'
import type { CheckedModels } from './checked-models.ts'
import { type AnyEdgeOptions, type AnySpec, edgesOf } from './edge-node.ts'
import type {
  AnyByName,
  ByName,
  CheckedSpec,
  ColumnName,
  EdgeFilter,
  LoadSpec,
  RowFrom,
  TargetOf,
} from './edge-options.ts'
import { explainLoad } from './explain-load.ts'
import { Links } from './link.ts'
import { loadJson } from './load-json.ts'
import { LoadPlugin } from './load-plugin.ts'
import type { Loaded } from './loaded.ts'
import { type Quantity, relatedRows } from './predicate.ts'

/** Under which name a query reads the model. */
export interface LoadOptions {
  /** @default the name of the model */
  readonly alias?: string
}

/** What takes a query and gives it back with the edges in its rows. */
export type LoadCall<Added> = <DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
) => SelectQueryBuilder<DB, TB, O & Added>

/** The names of a model's relations. */
type RelationName<M extends Model> = keyof M['relations'] & string

/** The columns that the edges of a spec are found by. */
type NeededColumns<M extends Model, Spec> = {
  [Name in keyof Spec & keyof M['relations']]: M['relations'][Name]['own'][number] extends never
    ? ColumnsWith<M, 'key'>
    : M['relations'][Name]['own'][number]
}[keyof Spec & keyof M['relations']]

/** Rows in hand with their edges; without the columns that those are found by, the text that says so. */
type RowsWith<Row, All extends AnyByName, M extends Model, Spec> =
  Row extends Pick<RowFrom<M>, NeededColumns<M, Spec> & keyof RowFrom<M>>
    ? (Row & Loaded<All, M, Spec>)[]
    : `the rows need the columns ${NeededColumns<M, Spec> & string}`

/** Which rows of a relation an aggregate takes into account. */
export interface AggregateOptions<All extends AnyByName, Target extends Model> {
  readonly where?: EdgeFilter<All, Target>
  /** @default chosen by the query */
  readonly strategy?: 'auto' | 'lateral' | 'selectin'
}

/** The relations of a set of models, ready to be loaded. */
export interface Loaders<All extends AnyByName> {
  /**
   * Adds edges to a query: `db.selectFrom('users').selectAll().$call(load('users', { posts: true }))`. Its rows come with exactly the edges
   * asked for, in one flight. Rows that several parents have in common may be one object.
   *
   * @throws {UsageError} `LOAD_RELATION`, `LOAD_COLUMN`, `LOAD_LIMIT`, `LOAD_STRATEGY`, `LOAD_TWICE`; when the query runs also `LOAD_ALIAS`,
   *   `LOAD_CTE`, `LOAD_KEY_MISSING`, `LOAD_SUBQUERY`
   */
  load<Name extends keyof All & string, const Spec extends LoadSpec<All, All[Name]> & object>(
    model: Name,
    spec: Spec & CheckedSpec<All, All[Name], Spec>,
    options?: LoadOptions,
  ): LoadCall<Loaded<All, All[Name], Spec>>

  /**
   * Loads edges into rows in hand, in one flight; calls of the same tick for the same edges are made together. The rows themselves get the
   * edges.
   *
   * @returns the same rows
   * @throws {UsageError} `LOAD_RELATION`, `LOAD_COLUMN`, `LOAD_LIMIT`, `LOAD_STRATEGY`, `LOAD_KEY_MISSING`, `LOAD_ROWS_FROZEN`,
   *   `RELATION_RAISE`, `LOAD_NOT_SENT`
   */
  loadInto<
    Name extends keyof All & string,
    const Spec extends LoadSpec<All, All[Name]> & object,
    Row extends object,
  >(
    db: QueryExecutorProvider,
    model: Name,
    rows: readonly Row[],
    spec: Spec & CheckedSpec<All, All[Name], Spec>,
  ): Promise<RowsWith<Row, All, All[Name], Spec>>

  /** How a query with edges would be loaded: strategies and why, statements, flights. */
  readonly explainLoad: typeof explainLoad

  /**
   * The rows of a query with its edges as one JSON text that the server writes, to be sent on unparsed. bigint and numeric are strings in
   * it, instants are as PostgreSQL writes them in JSON.
   */
  loadJson<DB, TB extends keyof DB, O>(
    db: QueryExecutorProvider,
    query: SelectQueryBuilder<DB, TB, O>,
  ): Promise<string>

  /** Holds if a related row meets the condition; without one, if there is a related row. */
  readonly some: Predicate<All>
  /** Holds if all related rows meet the condition, also if there are none. */
  readonly every: Predicate<All>
  /** Holds if no related row meets the condition; without one, if there is no related row. */
  readonly none: Predicate<All>

  /** How many related rows there are. */
  countOf<Name extends keyof All & string, R extends RelationName<All[Name]>>(
    model: Name,
    relation: R,
    options?: AggregateOptions<All, TargetOf<All, All[Name]['relations'][R]>>,
  ): Aggregate<Name, number>

  /** Whether there is a related row. */
  existsOf<Name extends keyof All & string, R extends RelationName<All[Name]>>(
    model: Name,
    relation: R,
    options?: AggregateOptions<All, TargetOf<All, All[Name]['relations'][R]>>,
  ): Aggregate<Name, boolean>

  /** The sum of a column over the related rows, with all its digits; null without rows. */
  readonly sumOf: ColumnAggregate<All, 'sum'>
  /** The least value of a column among the related rows; null without rows. */
  readonly minOf: ColumnAggregate<All, 'min'>
  /** The greatest value of a column among the related rows; null without rows. */
  readonly maxOf: ColumnAggregate<All, 'max'>
}

/** A condition of a query on the rows that are related to its own. */
export type Predicate<All extends AnyByName> = <
  Name extends keyof All & string,
  R extends RelationName<All[Name]>,
>(
  model: Name,
  relation: R,
  where?: EdgeFilter<All, TargetOf<All, All[Name]['relations'][R]>>,
  options?: LoadOptions,
) => Expression<SqlBool>

/** What is computed of one column of the related rows. */
export type ColumnAggregate<All extends AnyByName, Fn extends AggregateFunction> = <
  Name extends keyof All & string,
  R extends RelationName<All[Name]>,
  Of extends ColumnName<TargetOf<All, All[Name]['relations'][R]>>,
>(
  model: Name,
  relation: R,
  column: Of,
  options?: AggregateOptions<All, TargetOf<All, All[Name]['relations'][R]>>,
) => Aggregate<
  Name,
  (Fn extends 'sum' ? string : RowFrom<TargetOf<All, All[Name]['relations'][R]>>[Of]) | null
>

/**
 * What loads the relations of these models. Both ends of every relation are looked for.
 *
 * @throws {UsageError} `RELATION_TARGET`, `RELATION_COLUMN`, `RELATION_KEY` naming model and relation
 */
export function loaders<M extends Models>(models: M & CheckedModels<M>): Loaders<ByName<M>> {
  const links = new Links(models)
  const batches = new Batches()
  const predicate =
    (quantity: Quantity) =>
    (
      name: string,
      relation: string,
      where?: AnyEdgeOptions['where'],
      options: LoadOptions = {},
    ) => {
      const { alias = name } = options
      return relatedRows(quantity, links.link(name, relation), { where, alias })
    }
  const aggregate =
    (fn: AggregateFunction) =>
    (model: string, relation: string, ...rest: readonly unknown[]) => {
      const [column, options = {}] = typeof rest[0] === 'string' ? rest : [undefined, rest[0]]
      const of: AggregateOf = {
        model,
        relation,
        ...(column !== undefined && { column: column as string }),
      }
      return new Aggregate(fn, of, options as object)
    }
  const all = {
    load: (name: string, spec: AnySpec, { alias = name }: LoadOptions = {}) => {
      const plugin = new LoadPlugin({ links, model: links.model(name), alias, spec })
      return (query: { withPlugin(plugin: LoadPlugin): unknown }) => query.withPlugin(plugin)
    },
    loadInto: async (db: QueryExecutorProvider, name: string, rows: object[], spec: AnySpec) => {
      const edges = edgesOf(links, name, spec)
      await batches.load({ db, loaders: links.id, model: links.model(name), edges }, rows)
      return [...rows]
    },
    loadJson: (db: QueryExecutorProvider, query: Parameters<typeof loadJson>[2]) =>
      loadJson(links, db, query),
    explainLoad,
    some: predicate('some'),
    every: predicate('every'),
    none: predicate('none'),
    countOf: aggregate('count'),
    existsOf: aggregate('exists'),
    sumOf: aggregate('sum'),
    minOf: aggregate('min'),
    maxOf: aggregate('max'),
  }
  return Object.freeze(all) as unknown as Loaders<ByName<M>>
}
