import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RevisionGraph, type RevisionNode } from './graph.ts'

const node = (id: string, ...parents: string[]): RevisionNode => ({ id, parents })
const ids = (nodes: Iterable<RevisionNode>) => [...nodes].map(({ id }) => id)

/** Any graph without cycles: a revision may build on any that stand before it; then they are shuffled. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 25 })
  .map((picks) =>
    picks.map((parents, index) =>
      node(`r${index}`, ...(index === 0 ? [] : parents.map((pick) => `r${pick % index}`))),
    ),
  )
  .chain((nodes) =>
    fc.shuffledSubarray(nodes, { minLength: nodes.length, maxLength: nodes.length }),
  )

test('parents come before children, whatever the order of the files', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const place = new Map(ids(new RevisionGraph(nodes).order).map((id, index) => [id, index]))
      expect(place.size).toBe(nodes.length)
      for (const { id, parents } of nodes) {
        for (const parent of parents) expect(place.get(parent)).toBeLessThan(place.get(id)!)
      }
    }),
  )
})

test('heads are those that nobody names as a parent', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const parents = new Set(nodes.flatMap((each) => each.parents))
      const expected = ids(nodes).filter((id) => !parents.has(id))
      expect(ids(new RevisionGraph(nodes).heads).sort()).toEqual(expected.sort())
    }),
  )
})

test('b is among the descendants of a if and only if a is among the ancestors of b', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const graph = new RevisionGraph(nodes)
      for (const a of ids(nodes)) {
        const descendants = graph.withDescendants([a])
        for (const b of ids(nodes)) {
          expect(descendants.has(b)).toBe(graph.withAncestors([b]).has(a))
        }
      }
    }),
  )
})

test('everything is an ancestor of some head', () => {
  fc.assert(
    fc.property(graphs, (nodes) => {
      const graph = new RevisionGraph(nodes)
      expect(graph.withAncestors(ids(graph.heads)).size).toBe(nodes.length)
    }),
  )
})

test('a parent that closes a circle is refused, and the circle is shown', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), (length) => {
      const around = Array.from({ length }, (_, n) => node(`c${n}`, `c${(n + 1) % length}`, 'root'))
      expect(() => new RevisionGraph([node('root'), ...around, node('above', 'c0')])).toThrow(
        expect.objectContaining({
          code: 'REVISION_CYCLE',
          message: expect.stringContaining('c0 -> '),
          revisions: expect.arrayContaining(ids(around)),
        }),
      )
    }),
  )
})

test('where the graph leaves a choice, the revision given first comes first', () => {
  const graph = new RevisionGraph([node('a'), node('b', 'a'), node('c', 'a'), node('d', 'c', 'b')])
  expect(ids(graph.order)).toEqual(['a', 'b', 'c', 'd'])
  expect(ids(new RevisionGraph([node('a'), node('c', 'a'), node('b')]).order)).toEqual([
    'a',
    'c',
    'b',
  ])
  expect(ids(new RevisionGraph([node('b', 'a'), node('x'), node('a')]).order)).toEqual([
    'x',
    'a',
    'b',
  ])
})

test('an unknown parent is refused, naming both', () => {
  expect(() => new RevisionGraph([node('a', 'gone')])).toThrow(
    expect.objectContaining({ code: 'REVISION_UNKNOWN', revisions: ['a', 'gone'] }),
  )
})

test('an id that appears twice is refused, naming both files', () => {
  const twins = [
    { id: 'a', parents: [], name: 'first' },
    { id: 'a', parents: [], name: 'second' },
  ]
  expect(() => new RevisionGraph(twins)).toThrow(
    expect.objectContaining({
      code: 'REVISION_AMBIGUOUS',
      message: expect.stringContaining('first, second'),
    }),
  )
})

test('a revision is found by the beginning of its id as long as that is the only one', () => {
  const graph = new RevisionGraph([node('ab12'), node('ab34'), node('ab')])
  expect(graph.find('ab1').id).toBe('ab12')
  expect(graph.find('ab').id).toBe('ab')
  expect(() => graph.find('a')).toThrow(expect.objectContaining({ code: 'REVISION_AMBIGUOUS' }))
  expect(() => graph.find('zz')).toThrow(expect.objectContaining({ code: 'REVISION_UNKNOWN' }))
  expect(() => graph.find('')).toThrow(expect.objectContaining({ code: 'REVISION_UNKNOWN' }))
})

test('two heads are refused where one is needed, and the way to merge them is named', () => {
  const graph = new RevisionGraph([node('a'), node('b', 'a'), node('c', 'a')])
  expect(() => graph.singleHead).toThrow(
    expect.objectContaining({
      code: 'REVISION_HEADS',
      message: expect.stringContaining('aquifer merge'),
      revisions: ['b', 'c'],
    }),
  )
})

test('ten thousand revisions in a row are put in order without exhausting the stack', () => {
  const chain = Array.from({ length: 10_000 }, (_, n) =>
    n === 0 ? node('r0') : node(`r${n}`, `r${n - 1}`),
  )
  const graph = new RevisionGraph(chain.toReversed())
  expect(graph.order.at(-1)?.id).toBe('r9999')
  expect(graph.withAncestors(['r9999']).size).toBe(10_000)
})

test('a revision that replaces others stands in for them, as a parent and by their ids', () => {
  const graph = new RevisionGraph([
    { id: 'new', parents: [], replaces: ['a', 'b'] },
    node('c', 'b'),
    node('d', 'c', 'a'),
  ])
  expect(ids(graph.order)).toEqual(['new', 'c', 'd'])
  expect(ids(graph.children('new'))).toEqual(['c', 'd'])
  expect([...graph.withAncestors(['c'])].sort()).toEqual(['c', 'new'])
  expect(graph.find('b').id).toBe('new')
})

test('what is replaced must be gone, and may be replaced once', () => {
  const twice = [
    { id: 'x', parents: [], replaces: ['a'] },
    { id: 'y', parents: [], replaces: ['a'] },
  ]
  expect(() => new RevisionGraph(twice)).toThrow(
    expect.objectContaining({ code: 'REVISION_AMBIGUOUS' }),
  )
  expect(() => new RevisionGraph([node('a'), { id: 'x', parents: [], replaces: ['a'] }])).toThrow(
    expect.objectContaining({ code: 'REVISION_AMBIGUOUS' }),
  )
})
