/** The connections that nobody holds, in the order in which they came back. */
export class IdleList<Backend> {
  readonly #order: 'lifo' | 'fifo'
  #backends: Backend[] = []

  constructor(order: 'lifo' | 'fifo') {
    this.#order = order
  }

  get length(): number {
    return this.#backends.length
  }

  /** Puts one at the end. */
  push(backend: Backend): void {
    this.#backends.push(backend)
  }

  /** The one to lend next: with `lifo` the last that came back, with `fifo` the first. */
  take(): Backend | undefined {
    return this.#order === 'lifo' ? this.#backends.pop() : this.#backends.shift()
  }

  /** The one that has been idle longest, whatever the order of lending. */
  takeOldest(): Backend | undefined {
    return this.#backends.shift()
  }

  /** Takes out the ones that `unwanted` names. */
  takeIf(unwanted: (backend: Backend) => boolean): Backend[] {
    const out = this.#backends.filter(unwanted)
    if (out.length > 0) this.#backends = this.#backends.filter((backend) => !out.includes(backend))
    return out
  }

  takeAll(): Backend[] {
    return this.#backends.splice(0)
  }
}
