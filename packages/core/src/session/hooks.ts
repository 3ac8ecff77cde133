/** Runs inside the transaction, just before COMMIT; throwing vetoes it. */
export type BeforeCommitHook = () => Promise<void> | void

/** Runs after the unit has ended, outside of it; throwing changes nothing about its outcome. */
export type AfterHook = () => Promise<void> | void

interface Buffer {
  readonly items: unknown[]
  readonly flush: (items: unknown[]) => Promise<void>
}

/**
 * What a session has promised to do at its end. A savepoint has its own; they become its parent's when it is
 * released, and are dropped when it is rolled back.
 */
export class Hooks {
  #beforeCommit: BeforeCommitHook[] = []
  #afterCommit: AfterHook[] = []
  #afterRollback: AfterHook[] = []
  #buffers: Map<symbol, Buffer> | undefined

  beforeCommit(hook: BeforeCommitHook): void {
    this.#beforeCommit.push(hook)
  }

  afterCommit(hook: AfterHook): void {
    this.#afterCommit.push(hook)
  }

  afterRollback(hook: AfterHook): void {
    this.#afterRollback.push(hook)
  }

  /** The items gathered under `key`; `flush` gets those of the whole unit, once, before the hooks of COMMIT end. */
  buffer<Item>(key: symbol, flush: (items: Item[]) => Promise<void>): Item[] {
    this.#buffers ??= new Map()
    let buffer = this.#buffers.get(key)
    if (buffer === undefined) {
      buffer = { items: [], flush: (items) => flush(items as Item[]) }
      this.#buffers.set(key, buffer)
    }
    return buffer.items as Item[]
  }

  /** Takes over what a released savepoint has gathered. */
  absorb(inner: Hooks): void {
    this.#beforeCommit.push(...inner.#beforeCommit)
    this.#afterCommit.push(...inner.#afterCommit)
    this.#afterRollback.push(...inner.#afterRollback)
    for (const [key, { items, flush }] of inner.#buffers ?? [])
      this.buffer(key, flush).push(...items)
  }

  /** Runs the hooks and flushes the buffers, also those that they add, until nothing is left. */
  async runBeforeCommit(): Promise<void> {
    while (this.#beforeCommit.length > 0 || this.#buffers !== undefined) {
      const hooks = this.#beforeCommit
      this.#beforeCommit = []
      for (const hook of hooks) await hook()
      if (this.#beforeCommit.length > 0) continue
      const buffers = this.#buffers ?? []
      this.#buffers = undefined
      for (const { items, flush } of buffers.values()) if (items.length > 0) await flush(items)
    }
  }

  /** Whether there is a hook of this outcome. */
  hasAfter(outcome: 'commit' | 'rollback'): boolean {
    return (outcome === 'commit' ? this.#afterCommit : this.#afterRollback).length > 0
  }

  /** Runs every hook of this outcome; a failing one is reported and stops none behind it. */
  async runAfter(outcome: 'commit' | 'rollback', onError: (error: unknown) => void): Promise<void> {
    for (const hook of outcome === 'commit' ? this.#afterCommit : this.#afterRollback) {
      try {
        await hook()
      } catch (error) {
        onError(error)
      }
    }
  }
}
