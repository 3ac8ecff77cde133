import type { Description } from './prepared-statements.ts'
import { objectRows, type ReaderFactory, type ResultField, type RowReader } from './row-reader.ts'
import type { StatementResult } from './statement.ts'

const NO_FIELDS: readonly ResultField[] = []

/** The answer to one statement of a flight, as its messages come in. */
export class Answer implements StatementResult {
  command: string | null = null
  rowCount: number | null = null
  rows: unknown[] = []
  fields: readonly ResultField[] = NO_FIELDS
  suspended = false
  /** A row that could not be decoded; the server has run the statement all the same. */
  unreadable: { readonly error: unknown } | undefined
  /** What later answers of the same statement or portal can know of their columns. */
  readonly description: Description | undefined
  readonly #factory: ReaderFactory
  #read: RowReader | undefined

  /** @param description what is known of its columns from an earlier answer; then they are not sent again */
  constructor(factory: ReaderFactory = objectRows, description?: Description) {
    this.#factory = factory
    this.description = description
    if (description?.fields !== undefined) {
      this.fields = description.fields
      this.#read = description.readerOf(factory)
    }
  }

  /** The columns of the rows to come. */
  describe(fields: readonly ResultField[]): void {
    this.fields = fields
    if (this.description === undefined) {
      this.#read = this.#factory(fields)
    } else {
      this.description.describe(fields)
      this.#read = this.description.readerOf(this.#factory)
    }
  }

  add(columns: readonly (string | null)[]): void {
    if (this.unreadable !== undefined) return
    try {
      this.rows.push(this.#read?.(columns))
    } catch (error) {
      this.unreadable = { error }
    }
  }

  /** @param tag as `INSERT 0 1`, `SELECT 5` or `CREATE TABLE` */
  complete(tag: string): void {
    if (this.description !== undefined && this.description.fields === undefined)
      this.description.describe(NO_FIELDS)
    const firstSpace = tag.indexOf(' ')
    this.command = firstSpace < 0 ? tag : tag.slice(0, firstSpace)
    const count = Number(tag.slice(tag.lastIndexOf(' ') + 1))
    this.rowCount = firstSpace < 0 || Number.isNaN(count) ? null : count
  }
}

/** The answers to a flight, one for each statement. */
export type Answers = readonly Answer[]

/** A text of several statements has several answers; the last one counts, as in psql. */
export function lastOf(answers: Answers): Answer {
  return answers[answers.length - 1] as Answer
}
