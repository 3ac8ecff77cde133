import type { KeyCell } from './row-shape.ts'

/** No text of PostgreSQL's holds it, so that keys of several columns cannot be mistaken for one another. */
const BETWEEN = '\u0000'

/** The text that equal keys have in common; null if a part of it is, which equals nothing. */
export type KeyText = string | null

/** The key in these cells of a row of texts. */
export function keyTextOf(cells: readonly unknown[], key: readonly KeyCell[]): KeyText {
  let whole: KeyText = null
  for (const { cell, type } of key) {
    const text = cells[cell] as string | null
    if (text === null) return null
    const one = comparable(text, type)
    whole = whole === null ? one : whole + BETWEEN + one
  }
  return whole
}

/** The texts of the columns of a key. */
export function splitKey(key: string): string[] {
  return key.split(BETWEEN)
}

/** The key that values in hand make. */
export function keyOfValues(values: readonly unknown[], types: readonly string[]): KeyText {
  const texts: string[] = []
  for (const [at, value] of values.entries()) {
    if (value === null || value === undefined) return null
    texts.push(comparable(textOf(value), types[at] as string))
  }
  return texts.join(BETWEEN)
}

function textOf(value: unknown): string {
  if (value instanceof Date) return String(value.getTime())
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Types some of whose equal values are written differently. */
function comparable(text: string, type: string): string {
  const [name = ''] = type.split('(')
  switch (name) {
    case 'numeric':
    case 'decimal':
      return text.includes('.') ? text.replace(/\.?0+$/, '') : text
    case 'real':
    case 'double precision':
      return text === '-0' ? '0' : text
    case 'char':
    case 'bpchar':
    case 'character':
      return text.trimEnd()
    case 'citext':
      return text.toLowerCase()
    default:
      return text
  }
}
