/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Finds places in a text by bytes of its UTF-8 form, as the parser counts, or by index, as strings do. */
export class TextMap {
  readonly text: string
  readonly #lineStarts: readonly number[]
  /** The index of each byte; undefined if they are the same. */
  readonly #indexOfByte: Uint32Array | undefined

  constructor(text: string) {
    this.text = text
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
    this.#indexOfByte = Buffer.byteLength(text) === text.length ? undefined : indexOfByte(text)
  }

  /** The index in the string of a byte. */
  index(byte: number): number {
    if (this.#indexOfByte === undefined) return Math.min(byte, this.text.length)
    return this.#indexOfByte[byte] ?? this.text.length
  }

  /** The index in the string of the n-th character, as PostgreSQL's errors count. */
  indexOfCharacter(character: number): number {
    if (this.#indexOfByte === undefined) return Math.min(character, this.text.length)
    let index = 0
    for (let left = character; left > 0 && index < this.text.length; left--) {
      index += (this.text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1
    }
    return index
  }

  /** The text between two bytes. */
  slice(start: number, end: number): string {
    return this.text.slice(this.index(start), this.index(end))
  }

  position(index: number): Position {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lineStarts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: index - (this.#lineStarts[low] ?? 0) + 1 }
  }

  /** The index at which a line begins. */
  lineStart(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length
  }
}

function indexOfByte(text: string): Uint32Array {
  const indexes = new Uint32Array(Buffer.byteLength(text) + 1)
  let byte = 0
  let index = 0
  for (const character of text) {
    const length = Buffer.byteLength(character)
    indexes.fill(index, byte, byte + length)
    byte += length
    index += character.length
  }
  indexes[byte] = index
  return indexes
}
