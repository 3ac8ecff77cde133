import { streamOpen } from '../engine/stream.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import type { FlightPart } from '../pool/flight-writer.ts'

/** One stream of a unit, from its first read until its reader is done. */
export interface OpenStream {
  /** A number that no other stream of the unit has. */
  readonly id: number
  /** @throws {TransactionError} `STREAM_ROLLED_BACK` once the server has dropped it together with its savepoint */
  assertAlive(): void
}

/** No savepoint of ours has a number below. */
const WHICHEVER = 0

/**
 * The streams that are open in one unit of work. They are portals of its transaction, so that each read takes its turn; whether other
 * statements may run in between is the unit's choice.
 */
export class OpenStreams {
  readonly #together: boolean
  readonly #open = new Map<OpenStream, { readonly savepoint: number; isUndone: boolean }>()
  #count = 0

  /** @param together whether statements may run while a stream is open */
  constructor(together: boolean) {
    this.#together = together
  }

  get size(): number {
    return this.#open.size
  }

  /** @throws {UsageError} `STREAM_OPEN` if a stream has the unit to itself */
  assertRoom(): void {
    if (!this.#together && this.#open.size > 0) throw streamOpen()
  }

  /**
   * Runs `body`, the reads of one stream.
   *
   * @param savepoint the number of the last savepoint that was made before it
   */
  async *read<T>(
    savepoint: number,
    body: (stream: OpenStream) => AsyncIterable<T>,
  ): AsyncIterableIterator<T> {
    this.assertRoom()
    this.#count += 1
    const state = { savepoint, isUndone: false }
    const assertAlive = () => {
      if (state.isUndone) throw rolledBack()
    }
    const stream: OpenStream = { id: this.#count, assertAlive }
    this.#open.set(stream, state)
    try {
      for await (const piece of body(stream)) {
        // It may have been read ahead, and its rows are none any more.
        assertAlive()
        yield piece
      }
    } finally {
      this.#open.delete(stream)
    }
  }

  /** Takes note of a ROLLBACK TO before it is sent: the server drops what was opened since that savepoint, and what reads on would fail the transaction. */
  noteUndo(parts: readonly FlightPart[]): void {
    const undone = savepointIn(parts)
    for (const state of this.#open.values()) if (state.savepoint >= undone) state.isUndone = true
  }
}

/** When a savepoint was made that is not one of ours is not known. */
function savepointIn(parts: readonly FlightPart[]): number {
  const [first] = parts
  const text = first !== undefined && 'text' in first ? first.text : ''
  return Number(/^rollback to savepoint aquifer_(\d+)$/.exec(text)?.[1] ?? WHICHEVER)
}

function rolledBack(): TransactionError {
  return new TransactionError(
    'STREAM_ROLLED_BACK',
    'the savepoint that the stream was opened in was rolled back, and the stream with it: its rows are not complete. Open it again',
  )
}
