import type { Session, SessionOptions, TransactionOptions } from '@aquifer/core'
import type { Kysely } from 'kysely'
import type { AppEngine } from './engine.ts'
import type { Database } from './models/registry.ts'

/** What runs in a unit of work: query functions take its `db`; `session` has hooks and savepoints. */
export type Work<T> = (db: Kysely<Database>, session: Session<Database>) => Promise<T>

/** Runs `work` in a session: it commits if `work` returns and rolls back if it throws. */
export function session<T>(engine: AppEngine, work: Work<T>, options?: SessionOptions): Promise<T> {
  return engine.session((own) => work(own.db, own), options)
}

/** Runs `work` in a transaction with an isolation of its own, again as a whole if `retry` says so. */
export function transaction<T>(
  engine: AppEngine,
  work: Work<T>,
  options?: TransactionOptions,
): Promise<T> {
  return engine.transaction((own) => work(own.db, own), options)
}

/** Runs `work` in a savepoint of `outer`: if it throws, only what it did is undone. */
export function savepoint<T>(outer: Session<Database>, work: Work<T>): Promise<T> {
  return outer.savepoint((own) => work(own.db, own))
}
