import { overtaken } from './refusals.ts'

/** The streams of an autocommit session, each on a connection of its own, from the first read until the reader is done. */
export class LoneStreams {
  readonly #open = new Set<AsyncIterableIterator<unknown>>()

  get size(): number {
    return this.#open.size
  }

  /**
   * Reads one of them.
   *
   * @throws {TransactionError} `UNAWAITED_WORK` instead of an end that would be none
   */
  async *read<T>(pieces: AsyncIterableIterator<T>): AsyncIterableIterator<T> {
    this.#open.add(pieces)
    try {
      yield* pieces
      if (!this.#open.has(pieces)) throw overtaken('autocommit')
    } finally {
      this.#open.delete(pieces)
    }
  }

  /** Ends those that are still read and gives their connections back. Never rejects. */
  async end(): Promise<void> {
    const open = [...this.#open]
    this.#open.clear()
    await Promise.allSettled(open.map((pieces) => pieces.return?.()))
  }
}
