import { expect, test } from 'vitest'
import { canonical, compareAnswers, DifferentAnswersError } from './answers.ts'
import type { Contender } from './contender.ts'

const contender = (name: string, answer: (index: number) => unknown): Contender => ({
  name,
  run: async (index) => answer(index),
})
const compare = (...contenders: Contender[]) =>
  compareAnswers({ name: 'read', concurrency: [1], contenders })

test('contenders that answer the same are let into the race', async () => {
  await compare(
    contender('pg', (index) => ({ id: index, at: new Date(0) })),
    contender('aquifer', (index) => ({ at: new Date(0), id: index })),
  )
})

test.each([
  ['another value', { id: 2 }],
  ['another type', { id: '1' }],
  ['a bigint', { id: 1n }],
  ['a further field', { id: 1, name: undefined }],
  ['no row', undefined],
])('%s keeps a contender out', async (_, answer) => {
  await expect(
    compare(
      contender('pg', () => ({ id: 1 })),
      contender('aquifer', () => answer),
    ),
  ).rejects.toThrow(DifferentAnswersError)
})

test('a contender that goes wrong late is found', async () => {
  await expect(
    compare(
      contender('pg', (index) => index),
      contender('aquifer', (index) => (index === 150 ? 0 : index)),
    ),
  ).rejects.toThrow('read: aquifer and pg answer differently')
})

test('nested values are compared by value and type', () => {
  expect(canonical({ b: [1, '1'], a: null })).toBe('{a=object:null,b=[number:1,string:1]}')
})
