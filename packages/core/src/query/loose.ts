import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { Model } from '../model/model.ts'

/** Some database: what is known of its tables is known by their models. */
export type AnyDatabase = Record<string, Record<string, unknown>>

/** A query over some model, and its rows so far. */
export type AnySelect<Row = object> = SelectQueryBuilder<AnyDatabase, string, Row>

/** A database whose types stand in the signatures of the queries, and would only be in the way inside of them. */
export function loose(db: Kysely<never>): Kysely<AnyDatabase> {
  return db as unknown as Kysely<AnyDatabase>
}

/** A query over a model, as far as its table. */
export function selectOf(db: Kysely<never>, { name }: Model): AnySelect {
  return loose(db).selectFrom(name) as AnySelect
}
