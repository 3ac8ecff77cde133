import type { ReaderFactory, ResultField, RowReader } from './row-reader.ts'
import type { StatementFacts } from './statement-facts.ts'

/** A text longer than this is not worth the server's memory. */
const LONGEST_TEXT = 16_384
/** A text is prepared when it is sent for the second time: what is sent once would only take room. */
const WORTH_PREPARING = 2

/** The columns of a result that comes more than once, and what reads them. */
export class Description {
  /** Undefined until an answer has described them. */
  fields: readonly ResultField[] | undefined
  #reader: RowReader | undefined
  #factory: ReaderFactory | undefined

  describe(fields: readonly ResultField[]): void {
    this.fields = fields
    this.#factory = undefined
  }

  /** The reader that `factory` makes for its columns; made once for as long as the factory is the same. */
  readerOf(factory: ReaderFactory): RowReader {
    if (this.#reader === undefined || this.#factory !== factory) {
      this.#factory = factory
      this.#reader = factory(this.fields ?? [])
    }
    return this.#reader
  }
}

/** One statement that a connection has prepared, with what its first answer told of its columns. */
export class PreparedStatement extends Description {
  readonly name: string

  constructor(name: string) {
    super()
    this.name = name
  }
}

/**
 * The statements that one connection has prepared, by text, least recently used first. Names are never used
 * again, so that a statement of which nobody knows whether the server has it harms nothing.
 */
export class PreparedStatements {
  readonly #limit: number
  readonly #byText = new Map<string, PreparedStatement>()
  #named = 0
  #forgotten: string[] = []

  /** @param limit how many are kept; 0 prepares nothing */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#byText.size
  }

  /** What `text` is prepared as, or undefined if it is not. */
  find(text: string): PreparedStatement | undefined {
    const found = this.#byText.get(text)
    if (found !== undefined) {
      this.#byText.delete(text)
      this.#byText.set(text, found)
    }
    return found
  }

  /** A name for `text`, if it is worth preparing; the caller sends the Parse. */
  add({ text, uses, planned }: StatementFacts): PreparedStatement | undefined {
    if (uses < WORTH_PREPARING || !planned || this.#limit === 0 || text.length > LONGEST_TEXT)
      return undefined
    this.#named += 1
    const added = new PreparedStatement(`aquifer_${this.#named}`)
    this.#byText.set(text, added)
    if (this.#byText.size > this.#limit) {
      for (const oldest of this.#byText.keys()) {
        this.forget(oldest)
        break
      }
    }
    return added
  }

  /** Takes `text` out; its name is closed on the server with the next flight. */
  forget(text: string): void {
    const known = this.#byText.get(text)
    if (known === undefined) return
    this.#byText.delete(text)
    this.#forgotten.push(known.name)
  }

  /** Forgets all of them; the server has done so already. */
  clear(): void {
    this.#byText.clear()
    this.#forgotten = []
  }

  /** The names to close, once. */
  takeForgotten(): readonly string[] {
    if (this.#forgotten.length === 0) return []
    const names = this.#forgotten
    this.#forgotten = []
    return names
  }
}
