import { type KeyText, keyReader } from './key-text.ts'
import { raiseOn } from './raised.ts'
import {
  type ColumnCell,
  latersOf,
  type Member,
  type NestedMember,
  type RowShape,
} from './row-shape.ts'

/** A row under construction. */
export type Row = Record<string, unknown>

/** Rows that wait for other statements, each followed by the key that their rows are found by. */
export type Waiting = (Row | KeyText)[]

/** Fills a row out of its cells. */
export type Fill = (row: Row, cells: readonly unknown[], waiting: Waiting) => void

/** `text`: cells are the server's texts; `json`: they are values out of parsed JSON. */
type Form = 'text' | 'json'

type Read = (cell: unknown) => unknown

/**
 * What makes rows of a shape.
 *
 * @param at where a cell of the shape stands
 */
export function filling(shape: RowShape, at: (cell: number) => number, form: Form): Fill {
  const { columns, members, raised } = shape
  const names = columns.map(({ name }) => name)
  const places = columns.map(({ cell }) => at(cell))
  const reads = columns.map((column) => readerOf(column, form))
  const steps = members.map((member) => memberOf(member, at, form))
  const count = names.length
  return (row, cells, waiting) => {
    for (let n = 0; n < count; n += 1) {
      const cell = cells[places[n] as number]
      const read = reads[n]
      row[names[n] as string] = cell === null || read === undefined ? cell : read(cell)
    }
    for (const step of steps) step(row, cells, waiting)
    if (raised.length > 0) raiseOn(row, raised)
  }
}

function readerOf({ codec }: Pick<ColumnCell, 'codec'>, form: Form): Read | undefined {
  if (form === 'json' && codec.inJson === 'as is') return undefined
  return (cell) => codec.decode(cell as string)
}

function memberOf(member: Member, at: (cell: number) => number, form: Form): Fill {
  const { name } = member
  switch (member.kind) {
    case 'inline': {
      const fill = filling(member.row, at, form)
      return (row, cells, waiting) => {
        const inner: Row = {}
        row[name] = inner
        fill(inner, cells, waiting)
      }
    }
    case 'joined': {
      const fill = filling(member.row, at, form)
      const present = at(member.present)
      const waits = latersOf(member.row.members)
      return (row, cells, waiting) => {
        if (cells[present] === null) {
          row[name] = null
          for (let n = 0; n < waits; n += 1) waiting.push(null, null)
        } else {
          const inner: Row = {}
          row[name] = inner
          fill(inner, cells, waiting)
        }
      }
    }
    case 'scalar': {
      const place = at(member.cell)
      const read = readerOf(member, form)
      return (row, cells) => {
        const cell = cells[place]
        row[name] = cell === null || read === undefined ? cell : read(cell)
      }
    }
    case 'nested': {
      const place = at(member.cell)
      const read = nested(member)
      return (row, cells) => {
        const cell = cells[place]
        row[name] = read(form === 'text' && cell !== null ? JSON.parse(cell as string) : cell)
      }
    }
    case 'later': {
      const keyOf = keyReader(member.own.map(({ cell, type }) => ({ cell: at(cell), type })))
      const { many, empty } = member
      return (row, cells, waiting) => {
        row[name] = many ? [] : empty
        waiting.push(row, keyOf(cells))
      }
    }
  }
}

/** Makes the rows of a parsed cell. */
function nested({ row: shape, many, chunked }: NestedMember): Read {
  const fill = filling(shape, (cell) => cell, 'json')
  const one = (items: unknown) => {
    const row: Row = {}
    fill(row, chunked ? (items as unknown[]).flat(1) : (items as unknown[]), [])
    return row
  }
  if (many) return (items) => (items as unknown[]).map(one)
  return (items) => (items === null ? null : one(items))
}
