import { AsyncLocalStorage } from 'node:async_hooks'

/** One call of `session`, `transaction` or `once`, and what that call was made in. */
export interface Frame {
  readonly outer: Frame | undefined
}

/** Knows in which of these calls the running code is, hooks after their end included. */
export class Frames {
  readonly #storage = new AsyncLocalStorage<Frame>()

  /** The innermost call around the running code. */
  get current(): Frame | undefined {
    return this.#storage.getStore()
  }

  /** Runs `fn` as a call of its own. */
  enter<T>(fn: () => Promise<T>): Promise<T> {
    return this.#storage.run({ outer: this.current }, fn)
  }
}

/** Whether `frame` is `outer` or was entered inside of it. */
export function isInside(frame: Frame | undefined, outer: Frame | undefined): boolean {
  if (outer === undefined) return false
  for (let at = frame; at !== undefined; at = at.outer) if (at === outer) return true
  return false
}
