import { UsageError } from '../errors/usage-error.ts'

/** A unit of work, and the one that waits for it. */
interface Holder {
  readonly outer: Holder | undefined
}

/**
 * Under which keys units of work are about to be applied. The row of a key is there before its unit has a result: to the unit itself, which sees it,
 * it would look like one that was applied, and a second connection would wait for it for ever.
 */
export class KeysInUse {
  readonly #of = new WeakMap<Holder, Set<string>>()

  /**
   * Runs `fn`, which is applied under `key` as a part of `unit`.
   *
   * @throws {UsageError} `IDEMPOTENCY_KEY_IN_USE` if another part of the unit, or a unit around it, is at it
   */
  async hold<T>(unit: Holder, key: string, fn: () => Promise<T>): Promise<T> {
    for (let at: Holder | undefined = unit; at !== undefined; at = at.outer)
      if (this.#of.get(at)?.has(key) === true) throw keyInUse()
    const keys = this.#of.get(unit) ?? new Set()
    this.#of.set(unit, keys.add(key))
    try {
      return await fn()
    } finally {
      keys.delete(key)
    }
  }
}

function keyInUse(): UsageError {
  return new UsageError(
    'IDEMPOTENCY_KEY_IN_USE',
    'engine.once() was called with a key that the unit of work around it, or another part of it, is being applied under and has no result yet: ' +
      'give each its own key, or await the other part first',
  )
}
