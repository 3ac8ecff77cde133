import { type Decoder, decoderOf } from '../codec/registry.ts'

/** One column of a result. */
export interface ResultField {
  readonly name: string
  readonly dataTypeID: number
}

/** Makes one row out of the texts of its columns. */
export type RowReader = (columns: readonly (string | null)[]) => unknown

/** Makes the reader of a result when its description arrives: work per column, not per row. */
export type ReaderFactory = (fields: readonly ResultField[]) => RowReader

/** One column of a result: the name that its values get in a row, and how its text is read. */
export interface NamedField {
  readonly name: string
  readonly decode: Decoder
}

/** Which decoder a type gets, by its oid. */
export type DecoderLookup = (oid: number) => Decoder

/** Rows as objects under the server's names; of two columns of one name the later wins, as in pg. */
export const objectRows: ReaderFactory = objectRowsBy(decoderOf)

/** As `objectRows`, with other decoders. */
export function objectRowsBy(lookup: DecoderLookup): ReaderFactory {
  return (fields) =>
    namedRows(fields.map(({ name, dataTypeID }) => ({ name, decode: lookup(dataTypeID) })))
}

/** Rows as arrays in column order. */
export function arrayRowsBy(lookup: DecoderLookup): ReaderFactory {
  return (fields) => {
    const decoders = fields.map(({ dataTypeID }) => lookup(dataTypeID))
    return (columns) =>
      columns.map((text, at) => (text === null ? null : (decoders[at] as Decoder)(text)))
  }
}

/** Rows as objects under names of the caller's choice. */
export function namedRows(fields: readonly NamedField[]): RowReader {
  const names = fields.map(({ name }) => name)
  const decoders = fields.map(({ decode }) => decode)
  const count = names.length
  // Assigning to this name would set the row's prototype.
  const odd = names.includes('__proto__')
  return (columns) => {
    const row: Record<string, unknown> = {}
    for (let at = 0; at < count; at += 1) {
      const text = columns[at] as string | null
      const name = names[at] as string
      const value = text === null ? null : (decoders[at] as Decoder)(text)
      if (odd)
        Object.defineProperty(row, name, {
          value,
          enumerable: true,
          writable: true,
          configurable: true,
        })
      else row[name] = value
    }
    return row
  }
}
