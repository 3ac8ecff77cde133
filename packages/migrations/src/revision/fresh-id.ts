import { randomBytes } from 'node:crypto'

/** Eight characters that no revision of the graph has for an id. */
export function freshId(graph: { get(id: string): unknown; current(id: string): string }): string {
  for (;;) {
    const id = randomBytes(4).toString('hex')
    if (graph.get(graph.current(id)) === undefined) return id
  }
}
