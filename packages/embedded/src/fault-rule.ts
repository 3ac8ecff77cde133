import type { Effect, MessagePlan } from './message-splitter.ts'
import type { Direction, Frame } from './protocol-framing.ts'
import type { ToClientMessage, ToServerMessage } from './protocol-names.ts'

/** Which message a rule waits for. */
export type MessageMatch = MatchOptions &
  (
    | { direction: 'toServer'; message: ToServerMessage }
    | { direction: 'toClient'; message: ToClientMessage }
  )

interface MatchOptions {
  /** What the statement, tag or error of the message has to look like, see `RecordedMessage.text`. @default any */
  text?: RegExp
  /** Which of the messages that match, counted from when the rule was set, over all connections. @default 1 */
  nth?: number
  /** False: also every one that follows. @default true */
  once?: boolean
}

/**
 * What happens at the message. `before`: it does not arrive. `within`: a part of it does. `after`: it has left for
 * its receiver, and nothing that follows does. `pass` only tells that the message has left. `hold` keeps it and all
 * that follows in its direction until the rule is released. `garbage` puts bytes that are no message into the stream
 * to the client.
 */
export type FaultAction =
  | `${'cut' | 'halfClose' | 'blackHole'} ${'before' | 'within' | 'after'}`
  | `garbage ${'before' | 'after'}`
  | 'hold'
  | 'pass'

/** Where a rule came true. */
export interface RuleFiring {
  /** The number of the connection, from 1 in the order in which clients connected. */
  readonly connection: number
  /** What `RecordedMessage.text` would be. */
  readonly text: string | undefined
}

/** A rule that waits for its message. */
export interface FaultRule {
  /** Resolves when the action has first been taken. */
  readonly fired: Promise<RuleFiring>
  /** How often it has been taken. */
  readonly times: number
  /** Takes the rule back; what it has done stays. */
  cancel(): void
}

/** A rule that holds messages. */
export interface HoldRule extends FaultRule {
  /** Lets everything go that it holds, and ends the rule. */
  release(): void
}

/** What a rule can do to the connection of its message. */
export interface FaultTarget {
  readonly connection: number
  cut(): void
  halfClose(): void
  blackHole(): void
  garbage(bytes: Buffer): void
}

/** A rule on its way: counts what matches and plans its action. */
export class ArmedRule implements HoldRule {
  readonly #match: MessageMatch
  readonly #action: FaultAction
  readonly #fired = Promise.withResolvers<RuleFiring>()
  readonly #released = Promise.withResolvers<void>()
  readonly #garbage: Buffer
  #seen = 0
  #times = 0
  #isOver = false

  constructor(match: MessageMatch, action: FaultAction, garbage: Buffer) {
    this.#match = match
    this.#action = action
    this.#garbage = garbage
  }

  get fired(): Promise<RuleFiring> {
    return this.#fired.promise
  }

  get times(): number {
    return this.#times
  }

  /** True if no further message can match. */
  get isOver(): boolean {
    return this.#isOver
  }

  cancel(): void {
    this.#isOver = true
  }

  release(): void {
    this.#isOver = true
    this.#released.resolve()
  }

  /** What to do around this message, or undefined if it is not the one. */
  plan(direction: Direction, frame: Frame, target: FaultTarget): MessagePlan | undefined {
    const { message, text, nth = 1, once = true } = this.#match
    if (this.#isOver || direction !== this.#match.direction || frame.name !== message)
      return undefined
    // `search` keeps no state, whatever the flags of the expression are.
    if (text && (frame.text ?? '').search(text) === -1) return undefined
    this.#seen++
    if (this.#seen < nth) return undefined
    this.#isOver = once
    const firing = { connection: target.connection, text: frame.text }
    return planOf(this.#action, () => {
      const held = this.#take(target)
      this.#times++
      this.#fired.resolve(firing)
      return held
    })
  }

  #take(target: FaultTarget): undefined | Promise<void> {
    const [what] = this.#action.split(' ') as ['cut' | 'halfClose' | 'blackHole' | 'garbage']
    if (this.#action === 'hold') return this.#released.promise
    if (this.#action === 'pass') return undefined
    if (what === 'garbage') target.garbage(this.#garbage)
    else target[what]()
    return undefined
  }
}

function planOf(action: FaultAction, effect: Effect): MessagePlan {
  if (action === 'hold') return { before: effect }
  if (action === 'pass' || action.endsWith('after')) return { after: effect }
  return action.endsWith('within') ? { within: effect } : { before: effect }
}
