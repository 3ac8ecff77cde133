import type { Codec } from './codec.ts'
import { refusal } from './refusal.ts'

const PAIR = /"((?:[^"\\]|\\.)*)"=>(?:NULL|"((?:[^"\\]|\\.)*)")/gs

/** Texts by their names, of the extension hstore. */
export const hstoreCodec: Codec = {
  decode: (text) =>
    Object.fromEntries(
      Array.from(text.matchAll(PAIR), ([, key = '', value]) => [
        plain(key),
        value === undefined ? null : plain(value),
      ]),
    ),
  encode: (value) => {
    if (value === null || value === undefined) return value
    if (typeof value !== 'object' || Array.isArray(value)) throw refusal('an hstore is an object')
    return Object.entries(value).map(written).join(',')
  },
  inJson: 'text',
  special: true,
}

function written([key, value]: [string, unknown]): string {
  if (value !== null && typeof value !== 'string')
    throw refusal('the values of an hstore are text or null')
  return `${quoted(key)}=>${value === null ? 'NULL' : quoted(value)}`
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

function plain(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}
