import { expectTypeOf, test } from 'vitest'
import * as c from '../src/columns.ts'
import { defineModel, type InsertOf, type RowOf } from '../src/index.ts'

const things = defineModel('things', {
  id: c.bigint().primaryKey(),
  at: c.timestamptz(),
  precise: c.timestamptz({ precise: true }).nullable(),
  bytes: c.bytea(),
  mood: c.enumeration('mood', ['happy', 'sad']),
  tags: c.array(c.text()),
  moods: c.array(c.enumeration('mood', ['happy', 'sad']).nullable()),
  grid: c.array(c.array(c.integer())),
  files: c.array(c.bytea()),
  during: c.tstzrange(),
  exactly: c.tstzmultirange({ precise: true }),
  amount: c.domain('amount', c.numeric()).nullable(),
  url: c.custom<URL>('text', { decode: (text) => new URL(text), inJson: 'text' }),
})

test('a row has the types of its columns', () => {
  expectTypeOf<RowOf<typeof things>>().toEqualTypeOf<{
    id: bigint
    at: Date
    precise: string | null
    bytes: Buffer
    mood: 'happy' | 'sad'
    tags: string[]
    moods: ('happy' | 'sad' | null)[]
    grid: number[][]
    files: Buffer[]
    during: c.Range<Date>
    exactly: c.Bounds<string>[]
    amount: string | null
    url: URL
  }>()
})

test('an insert takes what can be written', () => {
  type New = InsertOf<typeof things>
  expectTypeOf<New['bytes']>().toEqualTypeOf<Uint8Array>()
  expectTypeOf<New['files']>().toEqualTypeOf<readonly Uint8Array[]>()
  expectTypeOf<readonly string[]>().toExtend<New['tags']>()
  expectTypeOf<New['moods']>().toEqualTypeOf<readonly ('happy' | 'sad' | null)[]>()
  expectTypeOf<New['amount']>().toEqualTypeOf<string | null | undefined>()
  expectTypeOf<'other'>().not.toExtend<New['mood']>()
  expectTypeOf<number>().not.toExtend<New['id']>()
})
