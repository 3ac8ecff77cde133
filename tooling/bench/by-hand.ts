import type { Pool } from 'pg'
import type { Contender } from './contender.ts'

/** One statement as somebody writes it who uses pg alone. */
export interface HandWritten {
  readonly name: string
  readonly text: string
  values(index: number): unknown[]
}

/** pg's answer of one row: unnamed, and named so that the server parses and plans the statement once per connection. */
export function byHand(pool: Pool, { name, text, values }: HandWritten): Contender[] {
  return [
    { name: 'pg', run: async (index) => (await pool.query(text, values(index))).rows[0] },
    {
      name: 'pg-named',
      run: async (index) => (await pool.query({ name, text, values: values(index) })).rows[0],
    },
  ]
}
