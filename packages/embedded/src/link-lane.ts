import type { Duplex } from 'node:stream'
import type { Effect } from './message-splitter.ts'

/** What a link does to bytes on their way. All links of a proxy share these two objects, one per direction. */
export interface LaneShape {
  /** Every byte arrives so much later; many may be on their way at once. */
  delayMs: number
  bytesPerSecond: number
}

type Item = { sentAt: number; bytes: Buffer } | { sentAt: number; effect: Effect }

/** More than this on its way, and the sender has to wait, as it would for the buffers of a real line. */
const capacityBytes = 16 * 1024 * 1024

/**
 * One direction of a connection: keeps bytes and effects in order, lets them leave when they are due and the
 * receiver has room, and stops reading from the sender otherwise.
 */
export class LinkLane {
  readonly #from: Duplex
  readonly #to: Duplex
  readonly #shape: LaneShape
  readonly #onForwarded: (bytes: number) => void
  readonly #queue: Item[] = []
  #queuedBytes = 0
  #unflushed = 0
  /** With a limited rate: when the line is free again. */
  #freeAt = 0
  #isHeld = false
  #isOver = false
  #timer: NodeJS.Timeout | undefined

  constructor(from: Duplex, to: Duplex, shape: LaneShape, onForwarded: (bytes: number) => void) {
    this.#from = from
    this.#to = to
    this.#shape = shape
    this.#onForwarded = onForwarded
    to.on('drain', () => this.pump())
  }

  bytes(bytes: Buffer): void {
    this.#queuedBytes += bytes.length
    this.#enqueue({ sentAt: performance.now(), bytes })
  }

  /** Runs when all bytes before it have been handed to the system; what it waits for holds up those behind. */
  effect(effect: Effect): void {
    this.#enqueue({ sentAt: performance.now(), effect })
  }

  /** Puts bytes that nobody sent before all that waits. */
  inject(bytes: Buffer): void {
    if (this.#isOver || this.#to.destroyed) return
    this.#write(bytes)
  }

  /** Forgets what waits and whatever comes. @returns true if there was something to forget */
  drop(): boolean {
    this.#isOver = true
    this.#queuedBytes = 0
    clearTimeout(this.#timer)
    this.#from.resume()
    return this.#queue.splice(0).length > 0
  }

  /** Goes on after a `drop`. */
  reopen(): void {
    this.#isOver = false
    this.pump()
  }

  /** Lets leave what can. To be called when something changed that it waits for. */
  pump(): void {
    clearTimeout(this.#timer)
    while (!this.#isOver && !this.#isHeld) {
      const item = this.#queue[0]
      if (!item) break
      const isEffect = 'effect' in item
      const dueAt = item.sentAt + this.#shape.delayMs
      const waitMs = Math.max(dueAt, isEffect ? 0 : this.#freeAt) - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), Math.ceil(waitMs))
        break
      }
      // The callback of the write, or 'drain', comes back here.
      if (isEffect ? this.#unflushed > 0 : this.#to.writableNeedDrain) break
      this.#queue.shift()
      if (isEffect) this.#run(item.effect)
      else this.#send(item)
    }
    if (this.#isOver) return
    if (this.#queuedBytes >= capacityBytes || this.#to.writableNeedDrain) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }

  #enqueue(item: Item): void {
    if (this.#isOver) return
    this.#queue.push(item)
    if (this.#queue.length === 1 || this.#queuedBytes >= capacityBytes) this.pump()
  }

  #send(item: { sentAt: number; bytes: Buffer }): void {
    const { bytesPerSecond } = this.#shape
    let { bytes } = item
    if (bytesPerSecond !== Number.POSITIVE_INFINITY) {
      const piece = Math.max(1, Math.ceil(bytesPerSecond / 50))
      if (bytes.length > piece) {
        this.#queue.unshift({ sentAt: item.sentAt, bytes: bytes.subarray(piece) })
        bytes = bytes.subarray(0, piece)
      }
      const startAt = Math.max(this.#freeAt, performance.now())
      this.#freeAt = startAt + (bytes.length / bytesPerSecond) * 1000
    }
    this.#queuedBytes -= bytes.length
    this.#write(bytes)
  }

  #write(bytes: Buffer): void {
    if (this.#to.destroyed || this.#to.writableEnded) return
    this.#onForwarded(bytes.length)
    this.#unflushed++
    this.#to.write(bytes, () => {
      this.#unflushed--
      if (this.#unflushed === 0 && this.#queue.length > 0) this.pump()
    })
  }

  #run(effect: Effect): void {
    const held = effect()
    if (!held) return
    this.#isHeld = true
    void held.then(() => {
      this.#isHeld = false
      this.pump()
    })
  }
}
