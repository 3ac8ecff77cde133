import { expect, test } from 'vitest'
import { type DrawnNode, drawGraph } from './draw.ts'

const node = (id: string, ...parents: string[]): DrawnNode => ({ id, parents, text: id })
const drawn = (...nodes: DrawnNode[]) => `\n${drawGraph(nodes).join('\n')}`

test('a line', () => {
  expect(drawn(node('c', 'b'), node('b', 'a'), node('a'))).toBe(`
●  c
●  b
●  a`)
})

test('a merge opens a column, and where the branches began they join', () => {
  expect(drawn(node('m', 'b', 'c'), node('c', 'a'), node('b', 'a'), node('a'))).toBe(`
●    m
├─┐
│ ●  c
● │  b
├─┘
●    a`)
})

test('several heads stand beside each other', () => {
  expect(drawn(node('d', 'a'), node('c', 'b'), node('b', 'a'), node('a'))).toBe(`
●    d
│ ●  c
│ ●  b
├─┘
●    a`)
})

test('a merge of three, and a line that crosses another', () => {
  expect(
    drawn(node('m', 'b', 'c', 'd'), node('c', 'a'), node('d', 'b'), node('b', 'a'), node('a')),
  ).toBe(`
●      m
├─┬─┐
│ ● │  c
│ │ ●  d
├─┼─┘
● │    b
├─┘
●      a`)
})

test('a column that is free is taken again', () => {
  expect(drawn(node('x', 'a'), node('y'), node('z', 'a'), node('a'))).toBe(`
●    x
│ ●  y
│ ●  z
├─┘
●    a`)
})

test('a parent outside of what is drawn is left out', () => {
  expect(drawn(node('b', 'a'))).toBe(`
●  b`)
})
