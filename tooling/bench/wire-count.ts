import type { LinkObserver } from './link.ts'

const QUERY = 0x51
const EXECUTE = 0x45
const HEADER_BYTES = 5

/**
 * Counts what a client sends over one connection: its statements, and its flights, which are what goes
 * out before the next answer is awaited.
 */
export class WireCount implements LinkObserver {
  statements = 0
  flights = 0
  #awaited = false
  #started = false
  #rest: Buffer = Buffer.alloc(0)

  sent(chunk: Buffer): void {
    if (!this.#awaited) this.flights += 1
    this.#awaited = true
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      const bytes = this.#nextMessageBytes()
      if (bytes === undefined || bytes > this.#rest.length) return
      const type = this.#started ? this.#rest[0] : undefined
      if (type === QUERY || type === EXECUTE) this.statements += 1
      this.#started = true
      this.#rest = this.#rest.subarray(bytes)
    }
  }

  received(): void {
    this.#awaited = false
  }

  /** The first message of a connection has no type byte. */
  #nextMessageBytes(): number | undefined {
    if (this.#rest.length < HEADER_BYTES) return undefined
    return this.#started ? this.#rest.readInt32BE(1) + 1 : this.#rest.readInt32BE(0)
  }
}
