import type { CompiledQuery, QueryResult, RootOperationNode } from 'kysely'
import type { Models } from '../model/registry.ts'
import type { Events, PoolEvents } from '../pool/events.ts'

/** Looks at the queries that Kysely sends in sessions, and may answer them. */
export interface QueryWatch {
  /** One for each unit of work; it is asked for with the first query. */
  forUnit(surroundings: WatchSurroundings): UnitWatch
}

/** What a watch knows of its engine. */
export interface WatchSurroundings {
  readonly models: Models
  readonly events: Events<PoolEvents>
}

/** Looks at the queries of one unit of work, in the order in which they are asked for. */
export interface UnitWatch {
  run<Row>(query: WatchedQuery<Row>): Promise<QueryResult<Row>>
}

/** A query that is about to be sent. */
export interface WatchedQuery<Row> {
  readonly compiled: CompiledQuery
  /** The same object for all queries that differ in values alone. */
  readonly shape: object
  /** The session or savepoint that it belongs to. */
  readonly part: object
  /** Sends it. */
  send(): Promise<QueryResult<Row>>
  /** Sends another one in its place. */
  sendOther<Other>(node: RootOperationNode): Promise<QueryResult<Other>>
}
