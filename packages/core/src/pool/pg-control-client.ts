import type pg from 'pg'
import { createClient } from './client-config.ts'
import type { PoolSettings } from './settings.ts'

/** A connection of its own for one statement, in the shape that Kysely expects of `pg.Client`. */
export interface PgControlClient {
  connect(): Promise<PgControlClient>
  query<Row>(text: string, values: readonly unknown[]): Promise<{ readonly rows: Row[] }>
  end(): void
}

/** A class whose instances connect as the pool does. What its constructor is given does not count. */
export function controlClientOf(settings: PoolSettings): new () => PgControlClient {
  return class implements PgControlClient {
    readonly #client: pg.Client

    constructor() {
      this.#client = createClient(settings)
      this.#client.on('error', () => {})
    }

    async connect(): Promise<this> {
      await this.#client.connect()
      return this
    }

    async query<Row>(text: string, values: readonly unknown[]): Promise<{ readonly rows: Row[] }> {
      return { rows: (await this.#client.query(text, [...values])).rows as Row[] }
    }

    end(): void {
      this.#client.end().catch(() => {})
    }
  }
}
