import { expect, test } from 'vitest'
import { isFailure, openParser } from './parser.ts'

test('places count bytes, and an error counts characters', async () => {
  const parser = await openParser()
  expect(parser.parse("select 'é'; /* x */ select 2 ;")).toMatchObject([
    { start: 0, end: 11 },
    { start: 21, end: 30 },
  ])
  expect(parser.parse("select 'é'; selec 2")).toEqual({
    message: 'syntax error at or near "selec"',
    character: 12,
    tooDeep: false,
  })
})

test('what has no statement is no error', async () => {
  const parser = await openParser()
  for (const text of ['', ' ', ';;', '-- nothing', '/* nothing */']) {
    expect(parser.parse(text)).toEqual([])
  }
})

test('a statement that ends within a string has no tokens', async () => {
  const parser = await openParser()
  expect(parser.scan("select 'no end")).toBeUndefined()
  expect(parser.scan('')).toEqual([])
})

test('a parser that deep statements have worn out reads nothing more, and is replaced by a new one', async () => {
  const deep = `select ${'1+'.repeat(50_000)}1`
  const worn = await openParser()
  for (let times = 0; times < 60; times++) {
    expect(worn.parse(deep)).toMatchObject({ tooDeep: true })
  }
  expect(worn.parse('select 1')).toMatchObject({ tooDeep: true })
  expect(worn.scan('select 1')).toBeUndefined()
  expect(worn.parsePlpgsql('do $$ begin end $$')).toHaveProperty('message')
  const fresh = await openParser()
  expect(isFailure(fresh.parse('select 1'))).toBe(false)
})

test('a statement that is too deep spoils no others', async () => {
  const parser = await openParser()
  expect(parser.parse(`select ${'1+'.repeat(50_000)}1`)).toMatchObject({ tooDeep: true })
  expect(isFailure(parser.parse('select 1'))).toBe(false)
})

test('what is wrong in other ways wears no parser out', async () => {
  const parser = await openParser()
  for (let times = 0; times < 10; times++) {
    parser.scan("select 'no end")
    parser.parse('selec 1')
    parser.parsePlpgsql("create function f() returns int language plpgsql as 'begin retur'")
  }
  expect(isFailure(parser.parse('select 1'))).toBe(false)
})
