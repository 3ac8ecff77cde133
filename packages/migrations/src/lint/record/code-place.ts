import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ignore, parseIgnore } from '../ignore.ts'
import { type Position, TextMap } from '../text-map.ts'

/** Where in a file of code a statement was asked for. */
export interface CodePlace {
  /** The place of an index of its SQL: that of the text itself if it stands there as it is, else where the call begins. */
  readonly locate: (index: number) => Position
  /** Comments on the lines before the call, and within it. */
  readonly ignores: readonly Ignore[]
}

/** Finds the places of recorded statements in the file that recorded them. */
export class CodeFile {
  readonly #path: string
  readonly #map: TextMap
  readonly #lines: readonly string[]

  constructor(path: string, code: string) {
    this.#path = path
    this.#map = new TextMap(code)
    this.#lines = code.split('\n')
  }

  /** Of a call by its stack; the top of the file if it is not on it. */
  placeOf(stack: string, sql: string): CodePlace {
    const line = this.lineIn(stack)
    if (line === undefined) return { locate: () => ({ line: 1, column: 1 }), ignores: [] }
    const first = this.#beginning(line)
    const column = (this.#lines[first - 1] ?? '').search(/\S/) + 1
    const begin = this.#map.lineStart(first)
    const found = sql === '' ? -1 : this.#map.text.indexOf(sql, begin)
    const stands = found >= 0 && found < this.#map.lineStart(this.#last(line) + 1)
    return {
      locate: (index) =>
        stands ? this.#map.position(found + index) : { line: first, column: Math.max(column, 1) },
      ignores: this.#ignoresAt(first, this.#last(line)),
    }
  }

  /** The line of this file that a stack, the innermost call first, leads through. */
  lineIn(stack: string): number | undefined {
    for (const frame of stack.split('\n')) {
      const [, place = '', line] =
        /\(?((?:file:|\/|[A-Za-z]:\\)[^()]*?)(?:\?[^():]*)?:(\d+):\d+\)?$/.exec(frame) ?? []
      if (line === undefined || !place.includes(basename(this.#path))) continue
      if (pathOf(place) === this.#path) return Number(line)
    }
    return undefined
  }

  /** The line on which the call begins that a chain of methods ends: the nearest one above with its keyword. */
  #beginning(line: number): number {
    for (let at = line; at > 0; at--) {
      const text = this.#lines[at - 1] ?? ''
      if (/^\s*$/.test(text)) break
      if (
        /\b(await|return|void)\b/.test(text) &&
        indent(text) <= indent(this.#lines[line - 1] ?? '')
      )
        return at
    }
    return line
  }

  /** A template may go on below the line that the stack tells. */
  #last(line: number): number {
    const end = this.#lines.findIndex(
      (text, index) => index >= line && /^\s*(await|return|\}|$)/.test(text),
    )
    return end < 0 ? this.#lines.length : end
  }

  #ignoresAt(first: number, last: number): Ignore[] {
    let from = first
    while (/^\s*(\/\/|\/\*|\*)/.test(this.#lines[from - 2] ?? '')) from--
    return this.#lines.slice(from - 1, last).flatMap((text, index) => {
      const comment = /(\/\/|\/\*|^\s*\*).*aquifer-lint-ignore.*/.exec(text)
      const position = { line: from + index, column: (comment?.index ?? 0) + 1 }
      return comment === null ? [] : (parseIgnore(comment[0], position) ?? [])
    })
  }
}

function indent(text: string): number {
  return text.length - text.trimStart().length
}

function pathOf(place: string): string {
  return place.startsWith('file:') ? fileURLToPath(place) : place
}
