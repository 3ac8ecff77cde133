export { type NPlusOneMode, nPlusOne } from './n-plus-one.ts'
export type { NPlusOneFound } from '../pool/events.ts'
export type {
  QueryWatch,
  UnitWatch,
  WatchedQuery,
  WatchSurroundings,
} from '../session/query-watch.ts'
