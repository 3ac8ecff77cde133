/** The connections that nobody holds, in the order in which they came back. */
export class IdleList<Backend> {
  readonly #order: 'lifo' | 'fifo'
  readonly #onMove: ((backend: Backend, isIdle: boolean) => void) | undefined
  #backends: Backend[] = []

  /** @param onMove told of each one that comes or goes */
  constructor(order: 'lifo' | 'fifo', onMove?: (backend: Backend, isIdle: boolean) => void) {
    this.#order = order
    this.#onMove = onMove
  }

  get length(): number {
    return this.#backends.length
  }

  /** Puts one at the end. */
  push(backend: Backend): void {
    this.#backends.push(backend)
    this.#onMove?.(backend, true)
  }

  /** The one to lend next: with `lifo` the last that came back, with `fifo` the first. */
  take(): Backend | undefined {
    return this.#gone(this.#order === 'lifo' ? this.#backends.pop() : this.#backends.shift())
  }

  /** The one that has been idle longest, whatever the order of lending. */
  takeOldest(): Backend | undefined {
    return this.#gone(this.#backends.shift())
  }

  /** Takes out the ones that `unwanted` names. */
  takeIf(unwanted: (backend: Backend) => boolean): Backend[] {
    const out = this.#backends.filter(unwanted)
    if (out.length > 0) this.#backends = this.#backends.filter((backend) => !out.includes(backend))
    for (const backend of out) this.#gone(backend)
    return out
  }

  takeAll(): Backend[] {
    return this.takeIf(() => true)
  }

  #gone<Taken extends Backend | undefined>(backend: Taken): Taken {
    if (backend !== undefined) this.#onMove?.(backend, false)
    return backend
  }
}
