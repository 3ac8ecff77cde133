/** Runs inside the transaction, just before COMMIT; throwing vetoes it. */
export type BeforeCommitHook = () => Promise<void> | void

/** Runs after the unit has ended, outside of it; throwing changes nothing about its outcome. */
export type AfterHook = () => Promise<void> | void

/** How a unit has ended, as far as is known. */
export type UnitOutcome = 'commit' | 'rollback' | 'unknown'

interface Buffer {
  readonly items: unknown[]
  readonly flush: (items: unknown[]) => Promise<void>
}

/**
 * What a session has promised to do at its end. A savepoint has its own; they become its parent's when it is
 * released. When it is rolled back they are dropped, but for those that wait for that.
 */
export class Hooks {
  #beforeCommit: BeforeCommitHook[] = []
  #afterCommit: AfterHook[] = []
  #afterRollback: AfterHook[] = []
  /** Hooks of savepoints that were rolled back; however the unit ends, they were. */
  readonly #afterUndo: AfterHook[] = []
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

  /** Takes over what a savepoint that was rolled back has promised for that case; the rest of it is dropped. */
  absorbUndone(inner: Hooks): void {
    this.#afterUndo.push(...inner.#afterUndo, ...inner.#afterRollback)
  }

  /** Takes over what a released savepoint has gathered. */
  absorb(inner: Hooks): void {
    this.#afterUndo.push(...inner.#afterUndo)
    this.#beforeCommit.push(...inner.#beforeCommit)
    this.#afterCommit.push(...inner.#afterCommit)
    this.#afterRollback.push(...inner.#afterRollback)
    for (const [key, { items, flush }] of inner.#buffers ?? [])
      this.buffer(key, flush).push(...items)
  }

  /** Runs the hooks and flushes the buffers, also those that they add, until nothing is left. */
  async runBeforeCommit(): Promise<void> {
    while (this.hasBefore) {
      const hooks = this.#beforeCommit
      this.#beforeCommit = []
      for (const hook of hooks) await hook()
      if (this.#beforeCommit.length > 0) continue
      // The lists stay, for whoever has one in hand and gathers more before COMMIT.
      for (const { items, flush } of this.#buffers?.values() ?? [])
        if (items.length > 0) await flush(items.splice(0))
    }
  }

  /** Whether there is anything to do before COMMIT. */
  get hasBefore(): boolean {
    if (this.#beforeCommit.length > 0) return true
    for (const { items } of this.#buffers?.values() ?? []) if (items.length > 0) return true
    return false
  }

  /** Whether there is a hook of this outcome. */
  hasAfter(outcome: UnitOutcome): boolean {
    return this.#of(outcome).length > 0 || this.#afterUndo.length > 0
  }

  /** Runs every hook of this outcome, and those of savepoints that were rolled back; a failing one is reported and stops none behind it. */
  async runAfter(outcome: UnitOutcome, onError: (error: unknown) => void): Promise<void> {
    for (const hook of [...this.#afterUndo, ...this.#of(outcome)]) {
      try {
        await hook()
      } catch (error) {
        onError(error)
      }
    }
  }

  #of(outcome: UnitOutcome): readonly AfterHook[] {
    if (outcome === 'unknown') return []
    return outcome === 'commit' ? this.#afterCommit : this.#afterRollback
  }
}
