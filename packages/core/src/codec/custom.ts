import { isAquiferError } from '../errors/aquifer-error.ts'
import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

/** How the values of a column of another type travel; null is neither read nor written by it. */
export interface CustomCodec<T> {
  /** Reads the server's text. */
  readonly decode: (text: string) => T
  /** Makes a value ready for pg. Absent: pg takes it as it is. */
  readonly encode?: (value: T) => unknown
  /** How it is put into JSON: `as is` where JSON gives the value itself, or as the server's `text`, which is then decoded. */
  readonly inJson: 'as is' | 'text'
  /** `false` if all columns of its type are read in this way. @default true */
  readonly special?: boolean
}

/** A codec of a caller's own, whose errors on writing are typed. */
export function customCodec<T>({ encode, ...codec }: CustomCodec<T>): Codec {
  if (encode === undefined) return { special: true, ...codec }
  return {
    special: true,
    ...codec,
    encode: (value) => (value === null || value === undefined ? value : typed(encode, value as T)),
  }
}

function typed<T>(encode: (value: T) => unknown, value: T): unknown {
  try {
    return encode(value)
  } catch (error) {
    if (isAquiferError(error)) throw error
    throw refusal("a value could not be written by its column's codec", error)
  }
}
