export { loaders, type Loaders, type LoadCall, type LoadOptions } from './loaders.ts'
export type { Aggregate, AggregateFunction } from './aggregate.ts'
export type { AggregateOptions, ColumnAggregate, Predicate } from './loaders.ts'
export type {
  EdgeFilter,
  EdgeOptions,
  EdgeOrder,
  LoadSpec,
  ManyOptions,
  OneOptions,
} from './edge-options.ts'
export type { Loaded } from './loaded.ts'
export type { EdgeExplanation, LoadExplanation } from './explain-load.ts'
export type { Strategy } from './choose-strategy.ts'
export { type NPlusOneMode, nPlusOne } from './n-plus-one.ts'
export type { NPlusOneFound } from '../pool/events.ts'
export type {
  QueryWatch,
  UnitWatch,
  WatchedQuery,
  WatchSurroundings,
} from '../session/query-watch.ts'
