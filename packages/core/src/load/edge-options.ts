import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Model, TableOf } from '../model/model.ts'
import type { Models } from '../model/registry.ts'
import type { Relation } from '../model/relation.ts'
import type { Aggregate } from './aggregate.ts'

/** The models of a database by their names in TypeScript. */
export type ByName<M extends Models> = { readonly [Key in keyof M as M[Key]['name']]: M[Key] }

/** Models by their names, whichever they are. */
export type AnyByName = Readonly<Record<string, Model>>

/** Kysely's database type of models by their names. */
export type TablesOf<All extends AnyByName> = { [Name in keyof All]: TableOf<All[Name]> }

/** The model that a relation leads to. */
export type TargetOf<All extends AnyByName, R extends Relation> = All[R['target'] & keyof All]

/** The model between the two of a many-to-many relation. */
export type ThroughOf<All extends AnyByName, R extends Relation> =
  R extends Relation<'manyToMany', string, never, never, infer Through>
    ? All[Through & keyof All]
    : never

/** The names of a model's columns. */
export type ColumnName<M extends Model> = keyof M['columns'] & string

/** A condition on the rows of an edge, over the target and everything that a subquery may name. */
export type EdgeFilter<All extends AnyByName, Target extends Model> = (
  builder: ExpressionBuilder<TablesOf<All>, Target['name'] & keyof TablesOf<All>>,
) => Expression<SqlBool>

/** One column that rows are ordered by. */
export type EdgeOrder<Name extends string> =
  | Name
  | readonly [Name, 'asc' | 'desc']
  | readonly [Name, 'asc' | 'desc', 'nulls first' | 'nulls last']

/** What every edge may say. */
interface CommonOptions<All extends AnyByName, Target extends Model> {
  /** @default all columns that are not hidden */
  readonly columns?: readonly ColumnName<Target>[]
  readonly where?: EdgeFilter<All, Target>
  /** Edges of the rows that are loaded. */
  readonly load?: LoadSpec<All, Target>
}

/** How a relation to many rows is loaded. */
export interface ManyOptions<All extends AnyByName, R extends Relation, Target extends Model>
  extends CommonOptions<All, Target> {
  /** Ties come in the order of the primary key. @default the primary key */
  readonly orderBy?: readonly EdgeOrder<ColumnName<Target>>[]
  /** How many rows of each parent. */
  readonly limit?: number
  /** Columns of the model between, which come under `pivot` of each row. */
  readonly pivot?: R['kind'] extends 'manyToMany' ? readonly ColumnName<ThroughOf<All, R>>[] : never
  /** @default chosen by the query */
  readonly strategy?: 'auto' | 'lateral' | 'selectin' | 'raise'
}

/** How a relation to one row is loaded. */
export interface OneOptions<All extends AnyByName, Target extends Model>
  extends CommonOptions<All, Target> {
  readonly limit?: never
  readonly pivot?: never
  /** Which of several rows is the one. @default the first by the primary key */
  readonly orderBy?: readonly EdgeOrder<ColumnName<Target>>[]
  /** @default chosen by the query */
  readonly strategy?: 'auto' | 'lateral' | 'selectin' | 'joined' | 'raise'
}

/** What may be said of one edge. */
export type EdgeOptions<All extends AnyByName, R extends Relation> = R['kind'] extends
  | 'hasMany'
  | 'manyToMany'
  ? true | 'raise' | ManyOptions<All, R, TargetOf<All, R>>
  : true | 'raise' | OneOptions<All, TargetOf<All, R>>

/** Edges of a model, by the names of its relations; aggregates stand under names of their own. */
export type LoadSpec<All extends AnyByName, M extends Model> = {
  readonly [Name in keyof M['relations']]?: EdgeOptions<All, M['relations'][Name]>
}

/** What a spec has that is not allowed, as `never`. */
export type CheckedSpec<All extends AnyByName, M extends Model, Spec> = {
  readonly [Name in keyof Spec]: Name extends keyof M['relations']
    ? CheckedEdge<All, M['relations'][Name], Spec[Name]>
    : Aggregate<M['name'], unknown>
}

type CheckedEdge<All extends AnyByName, R extends Relation, Options> = Options extends object
  ? {
      readonly [Key in keyof Options]: Key extends 'load'
        ? CheckedSpec<All, TargetOf<All, R>, Options[Key]>
        : Key extends OptionName
          ? unknown
          : never
    }
  : unknown

type OptionName = 'columns' | 'where' | 'load' | 'orderBy' | 'limit' | 'pivot' | 'strategy'

/** A row as it is read. */
export type RowFrom<M extends Model> = {
  -readonly [Name in keyof M['columns']]: M['columns'][Name]['types']['select']
}
