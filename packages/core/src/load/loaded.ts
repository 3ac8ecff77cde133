import type { Simplify } from 'kysely'
import type { ColumnsWith, Model } from '../model/model.ts'
import type { Relation } from '../model/relation.ts'
import type { Aggregate } from './aggregate.ts'
import type { AnyByName, RowFrom, TargetOf, ThroughOf } from './edge-options.ts'

/** What a spec adds to each row: exactly the edges that it asks for. */
export type Loaded<All extends AnyByName, M extends Model, Spec> = {
  -readonly [Name in keyof Spec as Spec[Name] extends Raised
    ? never
    : Name]: Spec[Name] extends Aggregate<string, infer Result>
    ? Result
    : Name extends keyof M['relations']
      ? EdgeOf<All, M, M['relations'][Name], Spec[Name]>
      : never
}

type Raised = 'raise' | { readonly strategy: 'raise' }

type EdgeOf<All extends AnyByName, M extends Model, R extends Relation, Options> = R['kind'] extends
  | 'hasMany'
  | 'manyToMany'
  ? EdgeRow<All, R, Options>[]
  : R['kind'] extends 'hasOne'
    ? EdgeRow<All, R, Options> | null
    : EdgeRow<All, R, Options> | MissingOf<M, R, TargetOf<All, R>, Options>

/** null if there may be no row: without a key, or if it is not seen. */
type MissingOf<M extends Model, R extends Relation, Target extends Model, Options> =
  | (R['own'][number] & ColumnsWith<M, 'nullable'> extends never ? never : null)
  | (ColumnsWith<Target, 'scope'> extends never ? never : null)
  | (Options extends { readonly where: unknown } ? null : never)

type EdgeRow<All extends AnyByName, R extends Relation, Options> = Simplify<
  ColumnsOf<TargetOf<All, R>, Options> &
    PivotOf<All, R, Options> &
    (Options extends { readonly load: infer Spec } ? Loaded<All, TargetOf<All, R>, Spec> : unknown)
>

type ColumnsOf<Target extends Model, Options> = Options extends {
  readonly columns: readonly (infer Name)[]
}
  ? Pick<RowFrom<Target>, Name & keyof RowFrom<Target>>
  : Omit<RowFrom<Target>, ColumnsWith<Target, 'hidden'>>

type PivotOf<All extends AnyByName, R extends Relation, Options> = Options extends {
  readonly pivot: readonly (infer Name)[]
}
  ? { pivot: Pick<RowFrom<ThroughOf<All, R>>, Name & keyof RowFrom<ThroughOf<All, R>>> }
  : unknown
