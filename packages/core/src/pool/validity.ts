import { monotonicMs } from '../time/clock.ts'
import type { Backend } from './backend.ts'
import type { CloseReason } from './events.ts'
import type { PoolLimits } from './limits.ts'

/** Decides whether a connection that nobody has used wrongly may be lent again. */
export class Validity {
  readonly #limits: PoolLimits
  #epoch = 0
  #doubtedAt = Number.NEGATIVE_INFINITY

  constructor(limits: PoolLimits) {
    this.#limits = limits
  }

  /** What a connection that is opened now has to carry to be valid. */
  get epoch(): number {
    return this.#epoch
  }

  /** Ends every connection that is open now. */
  invalidate(): void {
    this.#epoch += 1
  }

  /** A disconnect throws doubt on every connection that does not answer from now on. */
  doubt(): void {
    this.#doubtedAt = monotonicMs()
  }

  /** What speaks against lending it. */
  objection(backend: Backend): CloseReason | undefined {
    if (backend.lost !== undefined) return 'lost'
    if (backend.epoch !== this.#epoch || backend.answeredAt < this.#doubtedAt) return 'invalidated'
    if (monotonicMs() >= backend.expiresAt) return 'lifetime'
    return backend.uses >= this.#limits.maxUses ? 'uses' : undefined
  }
}
