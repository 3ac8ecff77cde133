import { monotonicMs } from '../time/clock.ts'
import type { Backend } from './backend.ts'
import type { CloseReason } from './events.ts'
import type { IdleList } from './idle-list.ts'
import type { PoolLimits } from './limits.ts'
import type { Validity } from './validity.ts'

/** What decides over idle connections as time goes by. */
export interface DueBy {
  readonly validity: Validity
  readonly limits: PoolLimits
  /** A connection that was not heard of for longer is asked whether it lives. */
  readonly keepAliveMs: number
  /** Connections of the pool, idle or not. */
  readonly total: number
}

/** Idle connections whose time has come; they are out of the list. */
export interface Due {
  readonly expired: readonly { readonly backend: Backend; readonly reason: CloseReason }[]
  /** To be asked whether they live. */
  readonly silent: readonly Backend[]
}

/** Takes out of the idle list what is to be closed or asked now, down to the minimum that is kept. */
export function takeDue(idle: IdleList<Backend>, by: DueBy): Due {
  const { validity, limits, keepAliveMs, total } = by
  const now = monotonicMs()
  const invalid = idle.takeIf((backend) => validity.objection(backend) !== undefined)
  let spare = total - invalid.length - limits.minimum
  const unneeded = idle.takeIf(({ idleSince }) => {
    const isUnneeded = spare > 0 && now - idleSince > limits.idleTimeoutMs
    if (isUnneeded) spare -= 1
    return isUnneeded
  })
  return {
    expired: [
      ...invalid.map((backend) => ({
        backend,
        reason: validity.objection(backend) ?? ('lifetime' as const),
      })),
      ...unneeded.map((backend) => ({ backend, reason: 'idle' as const })),
    ],
    silent: idle.takeIf(({ answeredAt }) => now - answeredAt > keepAliveMs),
  }
}
