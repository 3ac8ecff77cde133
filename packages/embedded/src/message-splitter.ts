import type { Direction, Frame, ProtocolFraming } from './protocol-framing.ts'

/** Something to do at a place of the stream: once all bytes before it have left. */
export type Effect = () => undefined | Promise<void>

/** What to do around one message. */
export interface MessagePlan {
  before?: Effect | undefined
  /** When a part of it has left. */
  within?: Effect | undefined
  after?: Effect | undefined
}

/** Where the pieces of a stream go, in order. */
export interface SplitterSink {
  bytes(piece: Buffer): void
  effect(effect: Effect): void
}

/**
 * Finds the messages in one direction of a connection. Bytes pass as they came, uncut and uncopied, unless there
 * is a plan for a message; only the incomplete head of one (and the text of a statement) waits for its rest.
 */
export class MessageSplitter {
  readonly #direction: Direction
  readonly #framing: ProtocolFraming
  readonly #sink: SplitterSink
  readonly #visit: (frame: Frame) => MessagePlan | undefined
  #rest: Buffer | undefined
  /** Bytes of the current message that are still to come. */
  #toCome = 0
  #after: Effect | undefined

  /** @param visit sees each message once, when its head is complete, and may plan something */
  constructor(
    direction: Direction,
    framing: ProtocolFraming,
    sink: SplitterSink,
    visit: (frame: Frame) => MessagePlan | undefined,
  ) {
    this.#direction = direction
    this.#framing = framing
    this.#sink = sink
    this.#visit = visit
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = undefined
    let passed = 0
    const passUpTo = (end: number) => {
      if (end > passed) this.#sink.bytes(bytes.subarray(passed, end))
      passed = end
    }
    let at = 0
    while (at < bytes.length) {
      if (this.#toCome === 0) {
        if (this.#framing.isOpaque) break
        const frame = this.#framing.frame(this.#direction, bytes, at)
        if (!frame) break
        this.#toCome = frame.bytes
        const plan = this.#visit(frame)
        if (plan) {
          passUpTo(at)
          if (plan.before) this.#sink.effect(plan.before)
          if (plan.within) {
            passUpTo(Math.min(at + Math.ceil(frame.bytes / 2), bytes.length))
            this.#sink.effect(plan.within)
          }
          this.#after = plan.after
        }
      }
      const step = Math.min(this.#toCome, bytes.length - at)
      at += step
      this.#toCome -= step
      if (this.#toCome === 0 && this.#after) {
        passUpTo(at)
        this.#sink.effect(this.#after)
        this.#after = undefined
      }
    }
    if (this.#framing.isOpaque) at = bytes.length
    passUpTo(at)
    if (at < bytes.length) this.#rest = bytes.subarray(at)
  }

  /** The stream has ended, perhaps within a message: what waited for its rest goes as it is. */
  end(): void {
    if (this.#rest) this.#sink.bytes(this.#rest)
    this.#rest = undefined
  }
}
