import type { KeyCell } from './row-shape.ts'

/** No text of PostgreSQL's holds it, so that keys of several columns cannot be mistaken for one another. */
const BETWEEN = '\u0000'

/** The text that equal keys have in common; null if a part of it is, which equals nothing. */
export type KeyText = string | null

/** Reads the key in these cells of a row of texts. */
export function keyReader(key: readonly KeyCell[]): (cells: readonly unknown[]) => KeyText {
  const [first, ...others] = key.map(({ cell, type }) => ({ cell, alike: alikeOf(type) }))
  if (first === undefined) return () => null
  const { cell, alike } = first
  const one = (cells: readonly unknown[]): KeyText => {
    const text = cells[cell] as KeyText
    return text === null || alike === undefined ? text : alike(text)
  }
  if (others.length === 0) return one
  return (cells) => {
    let whole = one(cells)
    for (const other of others) {
      const text = cells[other.cell] as KeyText
      if (whole === null || text === null) return null
      whole += BETWEEN + (other.alike === undefined ? text : other.alike(text))
    }
    return whole
  }
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
    const text = textOf(value)
    texts.push(alikeOf(types[at] as string)?.(text) ?? text)
  }
  return texts.join(BETWEEN)
}

function textOf(value: unknown): string {
  if (value instanceof Date) return String(value.getTime())
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Makes the texts of equal values alike, for a type some of whose equal values are written differently. */
function alikeOf(type: string): ((text: string) => string) | undefined {
  const [name = ''] = type.split('(')
  switch (name.trim()) {
    case 'numeric':
    case 'decimal':
      return (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
    case 'real':
    case 'double precision':
      return (text) => (text === '-0' ? '0' : text)
    case 'char':
    case 'bpchar':
    case 'character':
      return (text) => text.trimEnd()
    case 'citext':
      return (text) => text.toLowerCase()
    default:
      return undefined
  }
}
