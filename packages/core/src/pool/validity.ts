import { monotonicMs } from '../time/clock.ts'
import type { InnerAcquireOptions } from './acquire-options.ts'
import type { Backend } from './backend.ts'
import type { CloseReason } from './events.ts'
import type { PoolLimits } from './limits.ts'

/** Decides whether a connection that nobody has used wrongly may be lent again, and whether it has to be asked first. */
export class Validity {
  readonly #limits: PoolLimits
  readonly #livenessAfterMs: number
  #epoch = 0
  #doubtedAt = Number.NEGATIVE_INFINITY

  constructor(limits: PoolLimits, livenessAfterMs: number) {
    this.#limits = limits
    this.#livenessAfterMs = livenessAfterMs
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

  /** Whether it has to be pinged or reset before it is lent to somebody. */
  needsCheck(backend: Backend, { provesItself }: InnerAcquireOptions): boolean {
    if (backend.checked) return false
    if (this.needsReset(backend) || this.#limits.prePing === 'always') return true
    return provesItself !== true && !this.isLively(backend)
  }

  needsReset(backend: Backend): boolean {
    return this.#limits.reset === 'always' && backend.uses > 0
  }

  /** Whether it was heard of a moment ago, or is trusted without. */
  isLively(backend: Backend): boolean {
    const silentMs = monotonicMs() - backend.answeredAt
    return this.#limits.prePing === 'never' || silentMs <= this.#livenessAfterMs
  }
}
