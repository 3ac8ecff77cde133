/** The streams of an autocommit session, each on a connection of its own, from the first read until the reader is done. */
export class LoneStreams {
  readonly #open = new Set<AsyncIterableIterator<unknown>>()

  get size(): number {
    return this.#open.size
  }

  /** Reads one of them. */
  async *read<T>(pieces: AsyncIterableIterator<T>): AsyncIterableIterator<T> {
    this.#open.add(pieces)
    try {
      yield* pieces
    } finally {
      this.#open.delete(pieces)
    }
  }

  /** Ends those that nobody reads any more and gives their connections back. Never rejects. */
  async end(): Promise<void> {
    await Promise.allSettled([...this.#open].map((pieces) => pieces.return?.()))
    this.#open.clear()
  }
}
