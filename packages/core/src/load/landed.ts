import type { NamedReader } from '../engine/rewriter.ts'
import { UsageError } from '../errors/usage-error.ts'
import { namedRows } from '../pool/row-reader.ts'
import { type KeyText, keyOfValues, keyReader } from './key-text.ts'
import { filling, type Row, type Waiting } from './make-row.ts'
import type { EdgeStatement } from './planner.ts'
import { latersOf, type RowShape } from './row-shape.ts'

/**
 * A row as its statement brings it: the row or the value, the key of the parent that it belongs to, and the rows in it that wait for others,
 * each followed by its own key.
 */
export type Landed = [unknown, KeyText, ...Waiting]

/** Where the rows that wait begin. */
export const FIRST_WAITING = 2

/** The cells that a query was given besides its own columns. */
export interface Besides {
  readonly shape: Pick<RowShape, 'members' | 'raised'>
  /** The name of each cell. */
  readonly names: readonly string[]
  /** How many of them stand behind the query's own columns. */
  readonly added: number
}

/** Reads rows of the query itself; they have landed if others are to be attached to them. */
export function queryReader({ shape, names, added }: Besides, lands: boolean): NamedReader {
  return (fields) => {
    const own = namedRows(fields.slice(0, fields.length - added))
    const at = (cell: number) => {
      const place = fields.findLastIndex(({ name }) => name === names[cell])
      if (place === -1) throw keyMissing(names[cell] as string)
      return place
    }
    const fill = filling({ ...shape, columns: [] }, at, 'text')
    if (!lands) {
      return (cells) => {
        const row = own(cells) as Row
        fill(row, cells, [])
        return row
      }
    }
    return (cells) => {
      const row = own(cells) as Row
      const landed: Landed = [row, null]
      fill(row, cells, landed as unknown as Waiting)
      return landed
    }
  }
}

/** @param byValue the key is that of values in hand, not of the server's texts */
export function statementReader(statement: EdgeStatement, byValue: boolean): NamedReader {
  const { shape, value, link, linkCodecs } = statement
  const types = link.map(({ type }) => type)
  const keyOf = byValue
    ? (cells: readonly unknown[]) =>
        keyOfValues(
          link.map(({ cell }, at) => decoded(cells[cell], linkCodecs[at]?.decode)),
          types,
        )
    : keyReader(link)
  if (value !== undefined)
    return () => (cells) => [decoded(cells[value.cell], value.codec.decode), keyOf(cells)]
  const fill = filling(shape as RowShape, (cell) => cell, 'text')
  return () => (cells) => {
    const row: Row = {}
    const landed: Landed = [row, keyOf(cells)]
    fill(row, cells, landed as unknown as Waiting)
    return landed
  }
}

/** Whether rows of a shape wait for other statements. */
export function waits(shape: Pick<RowShape, 'members'>): boolean {
  return latersOf(shape.members) > 0
}

/** Attaches the rows of a statement to those that wait for them; rows whose parent is not there are dropped. */
export function attachRows(
  { attach }: Pick<EdgeStatement, 'attach'>,
  parents: readonly Landed[],
  children: readonly Landed[],
): void {
  const { waiting, as, many } = attach
  const place = FIRST_WAITING + 2 * waiting
  const byKey = new Map<string, Row | Row[]>()
  for (const landed of parents) {
    const row = landed[place] as Row | null
    const key = landed[place + 1] as KeyText
    if (row === null || key === null) continue
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, row)
    else if (Array.isArray(known)) known.push(row)
    else byKey.set(key, [known, row])
  }
  const isFilled = new Set<string>()
  for (const [child, key] of children) {
    const rows = key === null ? undefined : byKey.get(key)
    if (rows === undefined || key === null) continue
    if (!many) {
      // Of several the first in order is the one.
      if (isFilled.has(key)) continue
      isFilled.add(key)
    }
    if (Array.isArray(rows)) for (const row of rows) put(row, as, many, child)
    else put(rows, as, many, child)
  }
}

function put(row: Row, as: string, many: boolean, child: unknown): void {
  if (many) (row[as] as unknown[]).push(child)
  else row[as] = child
}

function decoded(cell: unknown, decode: ((text: string) => unknown) | undefined): unknown {
  return cell === null || decode === undefined ? cell : decode(cell as string)
}

/** The query selects no such column, so that nothing can be loaded by it. */
export function keyMissing(column: string): UsageError {
  return new UsageError(
    'LOAD_KEY_MISSING',
    `an edge is loaded by the column ${column}, which is not among those of the query: select it`,
  )
}
