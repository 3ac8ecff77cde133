/** Ends one wait early, or the next one if nobody waits. */
export class WakeUp {
  #rung = false
  #ring: () => void = () => {}

  ring(): void {
    this.#rung = true
    this.#ring()
  }

  /** Resolves at the next ring, at once if it has rung since the last wait, or after `limitMs`. */
  async wait(limitMs: number): Promise<void> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, limitMs)
      this.#ring = resolve
      await promise
      clearTimeout(timer)
    }
    this.#rung = false
  }
}
