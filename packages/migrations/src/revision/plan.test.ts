import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RevisionGraph, type RevisionNode } from './graph.ts'
import { planDowngrade, planUpgrade } from './plan.ts'

const node = (id: string, ...parents: string[]): RevisionNode => ({ id, parents })
const ids = (nodes: readonly RevisionNode[]) => nodes.map(({ id }) => id)
const code = (expected: string) => expect.objectContaining({ code: expected })

/** a - b - c */
const line = new RevisionGraph([node('a'), node('b', 'a'), node('c', 'b')])
/** a, then b and c beside each other, joined by d */
const diamond = new RevisionGraph([node('a'), node('b', 'a'), node('c', 'a'), node('d', 'b', 'c')])
/** a, then b and c beside each other */
const fork = new RevisionGraph([node('a'), node('b', 'a'), node('c', 'a')])

test('head takes what is missing, parents first', () => {
  expect(ids(planUpgrade(line, new Set(), 'head'))).toEqual(['a', 'b', 'c'])
  expect(ids(planUpgrade(line, new Set(['a', 'b']), 'head'))).toEqual(['c'])
  expect(planUpgrade(line, new Set(['a', 'b', 'c']), 'head')).toEqual([])
  expect(planUpgrade(new RevisionGraph([]), new Set(), 'head')).toEqual([])
})

test('+N takes the next N, or what there is', () => {
  expect(ids(planUpgrade(line, new Set(['a']), '+1'))).toEqual(['b'])
  expect(ids(planUpgrade(line, new Set(['a']), '+9'))).toEqual(['b', 'c'])
})

test('an id takes what it builds on and nothing beside it', () => {
  expect(ids(planUpgrade(fork, new Set(), 'c'))).toEqual(['a', 'c'])
  expect(ids(planUpgrade(diamond, new Set(['a', 'c']), 'd'))).toEqual(['b', 'd'])
})

test('several heads are taken only by name', () => {
  expect(ids(planUpgrade(fork, new Set(), 'heads'))).toEqual(['a', 'b', 'c'])
  expect(() => planUpgrade(fork, new Set(), 'head')).toThrow(code('REVISION_HEADS'))
  expect(() => planUpgrade(fork, new Set(), '+1')).toThrow(code('REVISION_HEADS'))
})

test('base undoes everything, children first', () => {
  expect(ids(planDowngrade(diamond, new Set(['a', 'b', 'c', 'd']), 'base'))).toEqual([
    'd',
    'c',
    'b',
    'a',
  ])
})

test('an id undoes what builds on it and leaves what stands beside it', () => {
  expect(ids(planDowngrade(diamond, new Set(['a', 'b', 'c', 'd']), 'b'))).toEqual(['d'])
  expect(ids(planDowngrade(line, new Set(['a', 'b', 'c']), 'a'))).toEqual(['c', 'b'])
  expect(planDowngrade(line, new Set(['a']), 'a')).toEqual([])
})

test('an id that is not applied is no way down', () => {
  expect(() => planDowngrade(line, new Set(['a']), 'b')).toThrow(code('REVISION_UNKNOWN'))
})

test('-N undoes the last N as long as it is clear which those are', () => {
  expect(ids(planDowngrade(line, new Set(['a', 'b', 'c']), '-2'))).toEqual(['c', 'b'])
  expect(ids(planDowngrade(line, new Set(['a']), '-9'))).toEqual(['a'])
  expect(ids(planDowngrade(diamond, new Set(['a', 'b', 'c', 'd']), '-1'))).toEqual(['d'])
  expect(() => planDowngrade(diamond, new Set(['a', 'b', 'c', 'd']), '-2')).toThrow(
    expect.objectContaining({
      code: 'REVISION_HEADS',
      message: expect.stringContaining('after 1 step back: b, c'),
    }),
  )
})

test.each(['-1', 'base', '+0', '+x', '+'])('upgrade refuses the target %s', (target) => {
  expect(() => planUpgrade(line, new Set(), target)).toThrow(code('TARGET_INVALID'))
})

test.each(['+1', 'head', 'heads', '-0', '-x', '-'])('downgrade refuses the target %s', (target) => {
  expect(() => planDowngrade(line, new Set(['a']), target)).toThrow(code('TARGET_INVALID'))
})

test('any way up and down keeps every applied revision on applied parents', () => {
  const moves = fc.array(fc.record({ up: fc.boolean(), pick: fc.nat() }), { maxLength: 12 })
  fc.assert(
    fc.property(moves, (steps) => {
      const applied = new Set<string>()
      for (const { up, pick } of steps) {
        const known = up ? ids(diamond.order) : [...applied]
        const target = known[pick % Math.max(1, known.length)]
        if (target === undefined) continue
        const plan = up
          ? planUpgrade(diamond, applied, target)
          : planDowngrade(diamond, applied, target)
        for (const { id, parents } of plan) {
          if (up) expect(parents.every((parent) => applied.has(parent))).toBe(true)
          else expect(diamond.children(id).some((child) => applied.has(child.id))).toBe(false)
          if (up) applied.add(id)
          else applied.delete(id)
        }
        expect(applied).toContain(target)
      }
    }),
  )
})
