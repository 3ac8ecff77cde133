export { NotFoundError } from '../errors/not-found-error.ts'
export type { GotOrCreated } from './get-or-create.ts'
export { type KeyOf, type Page, type Queries, queriesOf, type WithTable } from './queries-of.ts'
export type {
  ColumnOf,
  FilterOptions,
  ListOptions,
  OrderOptions,
  Picked,
  SelectOptions,
} from './select-options.ts'
export type { Where } from './where.ts'
