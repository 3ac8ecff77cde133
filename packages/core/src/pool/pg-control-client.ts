import type pg from 'pg'
import { createClient } from './client-config.ts'
import type { KyselyQuery } from './pg-query.ts'
import type { PoolSettings } from './settings.ts'

/** A connection of its own for one statement, in the shape that Kysely expects of `pg.Client`. */
export interface PgControlClient {
  connect(): Promise<PgControlClient>
  readonly query: KyselyQuery
  end(): void
}

/** A class whose instances connect as the pool does. What its constructor is given does not count. */
export function controlClientOf(settings: PoolSettings): new () => PgControlClient {
  return class implements PgControlClient {
    readonly #client: pg.Client
    readonly query: KyselyQuery

    constructor() {
      this.#client = createClient(settings)
      this.#client.on('error', () => {})
      this.query = this.#client.query.bind(this.#client) as KyselyQuery
    }

    async connect(): Promise<this> {
      await this.#client.connect()
      return this
    }

    end(): void {
      this.#client.end().catch(() => {})
    }
  }
}
