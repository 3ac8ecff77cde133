/**
 * Finds the circles of a graph.
 *
 * @returns tells of each node a number that it shares with those nodes alone from which, and to which, it can be reached
 * @see R. Tarjan, Depth-first search and linear graph algorithms (1972)
 */
export function circles(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
): (node: string) => number | undefined {
  const found = new Map<string, number>()
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  let circle = 0

  const visit = (node: string): number => {
    const own = index.size
    index.set(node, own)
    low.set(node, own)
    stack.push(node)
    for (const target of edges.get(node) ?? []) {
      if (found.has(target)) continue
      const reached = index.get(target) ?? visit(target)
      low.set(node, Math.min(low.get(node) ?? own, low.get(target) ?? reached, reached))
    }
    if (low.get(node) === own) {
      for (const member of stack.splice(stack.indexOf(node))) found.set(member, circle)
      circle += 1
    }
    return own
  }

  for (const node of edges.keys()) if (!index.has(node)) visit(node)
  return (node) => found.get(node)
}
