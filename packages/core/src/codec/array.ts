import { textOf } from './basic.ts'
import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/** How an array is written down, and found. */
export interface ArrayForm {
  /** What stands between elements. @default ',' */
  readonly delimiter?: string
  /** It is read otherwise than the type of the array says, or the type is one that only the database knows. @default that of the element */
  readonly special?: boolean
}

/**
 * Arrays of elements that travel by `element`, nulls among them. Of arrays it makes arrays with a dimension more.
 *
 * Read are arrays of any number of dimensions; where their counting starts is dropped. Written is what has the dimensions of the column:
 * all rows of one length, none of them empty.
 */
export class ArrayCodec implements Codec {
  readonly inJson = 'text'
  readonly takesArrays = true
  readonly special: boolean
  readonly #leaf: Codec
  readonly #depth: number
  readonly #delimiter: string

  constructor(element: Codec, form: ArrayForm = {}) {
    const isArray = element instanceof ArrayCodec
    this.#leaf = isArray ? element.#leaf : element
    this.#depth = isArray ? element.#depth + 1 : 1
    this.#delimiter = isArray ? element.#delimiter : (form.delimiter ?? ',')
    this.special = form.special ?? element.special === true
  }

  readonly decode = (text: string): unknown[] => readArray(text, this.#leaf.decode, this.#delimiter)

  readonly encode = (value: unknown): unknown => {
    if (value === null || value === undefined) return value
    return Array.isArray(value) && value.length === 0 ? '{}' : this.#written(value, 1, [])
  }

  /** Whether it reads what `other` does. */
  isLike(other: Codec): boolean {
    return other instanceof ArrayCodec && other.#leaf === this.#leaf
  }

  /** @param lengths those of the rows seen so far, by their depth */
  #written(value: unknown, depth: number, lengths: number[]): string {
    if (!Array.isArray(value) || value.length === 0) throw otherDimensions()
    lengths[depth] ??= value.length
    if (lengths[depth] !== value.length) throw otherDimensions()
    const items =
      depth < this.#depth
        ? value.map((row) => this.#written(row, depth + 1, lengths))
        : Array.from(value, (item) => this.#element(item))
    return `{${items.join(this.#delimiter)}}`
  }

  #element(item: unknown): string {
    if (item === null) return 'NULL'
    const { encode, takesArrays } = this.#leaf
    if (Array.isArray(item) && takesArrays !== true) throw otherDimensions()
    const text = textOf(encode === undefined ? item : encode(item))
    return `"${text.replace(/["\\]/g, '\\$&')}"`
  }
}

function otherDimensions(): Error {
  return refusal(
    'an array has other dimensions than its column: each row has as many elements as the one before, and none is empty',
  )
}

/** The elements of an array as the server writes it; those that are null are not decoded. */
export function readArray(text: string, decode: Codec['decode'], delimiter = ','): unknown[] {
  // `[2:3]={1,2}`: an array that does not count from 1.
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0
  return row()

  function row(): unknown[] {
    const items: unknown[] = []
    at += 1
    while (text[at] !== '}') {
      items.push(text[at] === '{' ? row() : element())
      if (text[at] === delimiter) at += 1
      else if (text[at] !== '}') throw new SyntaxError('the text is no array of PostgreSQL')
    }
    at += 1
    return items
  }

  function element(): unknown {
    if (text[at] === '"') return decode(quoted())
    const start = at
    while (at < text.length && text[at] !== delimiter && text[at] !== '}') at += 1
    const word = text.slice(start, at)
    return word === 'NULL' ? null : decode(word)
  }

  function quoted(): string {
    let read = ''
    let start = at + 1
    for (at = start; text[at] !== '"'; at += 1) {
      if (at >= text.length) throw new SyntaxError('the text is no array of PostgreSQL')
      if (text[at] !== '\\') continue
      read += text.slice(start, at)
      at += 1
      start = at
    }
    read += text.slice(start, at)
    at += 1
    return read
  }
}
