import { expect, test } from 'vitest'
import { RevisionGraph, type RevisionNode } from './graph.ts'
import { resolveReference } from './reference.ts'

const node = (
  id: string,
  parents: string[] = [],
  parts: Partial<RevisionNode> = {},
): RevisionNode => ({
  id,
  parents,
  ...parts,
})

/** a, then b - c and, as the branch billing, d - e beside each other */
const fork = new RevisionGraph([
  node('a1'),
  node('b1', ['a1']),
  node('c1', ['b1']),
  node('d1', ['a1'], { label: 'billing' }),
  node('e1', ['d1']),
])
const line = new RevisionGraph([node('a1'), node('b1', ['a1']), node('c1', ['b1'])])
const split = new RevisionGraph([
  node('a1', [], { label: 'all' }),
  node('b1', ['a1']),
  node('c1', ['a1']),
])
const code = (expected: string) => expect.objectContaining({ code: expected })

test.each([
  [line, 'b', 'b1'],
  [line, 'head', 'c1'],
  [line, 'head-1', 'b1'],
  [line, 'a1+2', 'c1'],
  [line, 'c1-2', 'a1'],
  [line, 'b1+0', 'b1'],
  [fork, 'billing', 'e1'],
  [fork, 'billing@head', 'e1'],
  [fork, 'billing@d', 'd1'],
  [fork, 'billing@head-1', 'd1'],
  [fork, 'billing-2', 'a1'],
  [fork, 'b1+1', 'c1'],
])('%# %s is %s', (graph, reference, id) => {
  expect(resolveReference(graph, reference).id).toBe(id)
})

test.each([
  [line, 'c1+1', 'REVISION_UNKNOWN'],
  [line, 'a1-1', 'REVISION_UNKNOWN'],
  [line, 'nosuch', 'REVISION_UNKNOWN'],
  [line, 'nosuch@head', 'REVISION_UNKNOWN'],
  [fork, 'billing@b1', 'REVISION_UNKNOWN'],
  [fork, 'a1+1', 'REVISION_AMBIGUOUS'],
  [fork, 'head', 'REVISION_HEADS'],
  [split, 'all', 'REVISION_HEADS'],
  [new RevisionGraph([]), 'head', 'REVISION_UNKNOWN'],
  [
    new RevisionGraph([node('a', [], { label: 'x' }), node('b', [], { label: 'x' })]),
    'x',
    'REVISION_AMBIGUOUS',
  ],
])('%# %s is refused as %s', (graph, reference, expected) => {
  expect(() => resolveReference(graph, reference)).toThrow(code(expected))
})
