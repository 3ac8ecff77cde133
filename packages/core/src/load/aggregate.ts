import type { Expression } from 'kysely'

/** What is computed over the rows of a relation. */
export type AggregateFunction = 'count' | 'sum' | 'min' | 'max' | 'exists'

/** Which rows an aggregate takes into account, and how they are reached. */
export interface AnyAggregateOptions {
  readonly where?: (builder: never) => Expression<unknown>
  readonly strategy?: 'auto' | 'lateral' | 'selectin'
}

/** What an aggregate is of. */
export interface AggregateOf {
  readonly model: string
  readonly relation: string
  readonly column?: string
}

/** A number or a flag over the rows of a relation, instead of the rows themselves. */
export class Aggregate<ModelName extends string, Result> {
  readonly fn: AggregateFunction
  readonly of: AggregateOf
  readonly options: AnyAggregateOptions
  declare readonly model: ModelName
  declare readonly result: Result

  constructor(fn: AggregateFunction, of: AggregateOf, options: AnyAggregateOptions) {
    this.fn = fn
    this.of = of
    this.options = options
  }
}
