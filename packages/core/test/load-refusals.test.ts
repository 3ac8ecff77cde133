import { expect, test } from 'vitest'
import * as c from '../src/columns.ts'
import { UsageError } from '../src/index.ts'
import { loaders } from '../src/load/index.ts'
import { belongsTo, defineModel, hasMany } from '../src/models.ts'
import { countOf, load } from './load-world.ts'

test('what no model says is refused by name', async () => {
  const spec = (of: unknown) => of as Record<never, never>
  const refused: [code: string, make: () => unknown][] = [
    ['LOAD_MODEL', () => load('people' as 'users', {})],
    ['LOAD_RELATION', () => load('users', spec({ articles: true }))],
    ['LOAD_COLUMN', () => load('users', spec({ posts: { columns: ['body'] } }))],
    ['LOAD_COLUMN', () => load('users', spec({ posts: { orderBy: ['body'] } }))],
    ['LOAD_COLUMN', () => load('users', spec({ posts: { pivot: ['id'] } }))],
    ['LOAD_LIMIT', () => load('users', spec({ posts: { limit: 0.5 } }))],
    ['LOAD_LIMIT', () => load('users', spec({ parent: { limit: 1 } }))],
    ['LOAD_STRATEGY', () => load('users', spec({ posts: { strategy: 'joined' } }))],
    ['LOAD_MODEL', () => load('posts', spec({ n: countOf('users', 'posts') }))],
    ['LOAD_RELATION', () => load('users', spec({ name: countOf('users', 'posts') }))],
  ]
  for (const [code, make] of refused) expect(make, code).toThrow(expect.objectContaining({ code }))
})

test('relations with a missing end are refused by name', () => {
  const id = c.integer().primaryKey()
  const check =
    (...all: unknown[]) =>
    () =>
      loaders(Object.fromEntries(all.entries()) as never)
  const a = defineModel('a', { id, bId: c.integer() }, { relations: { b: belongsTo('b', 'bId') } })
  expect(check(a)).toThrow(UsageError)
  expect(check(a)).toThrow(/relation b of model a leads to b/)
  const b = defineModel('b', { name: c.text() })
  expect(check(a, b)).toThrow(expect.objectContaining({ code: 'RELATION_KEY' }))
  const d = defineModel('d', { id }, { relations: { a: hasMany('a', 'dId') } })
  expect(check(a, d, defineModel('b', { id }))).toThrow(
    expect.objectContaining({ code: 'RELATION_COLUMN' }),
  )
  const e = defineModel('e', { id }, { relations: { a: hasMany('a', ['id', 'bId']) } })
  expect(check(a, e, defineModel('b', { id }))).toThrow(
    expect.objectContaining({ code: 'RELATION_KEY' }),
  )
})
