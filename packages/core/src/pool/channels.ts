const LISTEN = /^\s*listen\s+("(?:[^"]|"")+"|[^\s;]+)\s*;?\s*$/i
const UNLISTEN = /^\s*unlisten\s+(\*|"(?:[^"]|"")+"|[^\s;]+)\s*;?\s*$/i

/** The channels that a connection listens to, as far as its statements tell. */
export class Channels {
  readonly #names = new Set<string>()

  /** Notes what `text` does, if it is a LISTEN or an UNLISTEN. */
  note(text: string): void {
    const listened = LISTEN.exec(text)?.[1]
    const left = UNLISTEN.exec(text)?.[1]
    if (listened !== undefined) this.#names.add(listened)
    if (left === '*') this.#names.clear()
    else if (left !== undefined) this.#names.delete(left)
  }

  /** The statements that bring another connection to listen to the same. */
  get statements(): readonly string[] {
    return [...this.#names].map((name) => `listen ${name}`)
  }
}
