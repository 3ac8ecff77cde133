import { nodesIn } from '../parse-node.ts'
import type { Rule } from '../rule.ts'

const LONGEST = 63

/** Finds names that PostgreSQL cuts. */
export const longName: Rule = {
  id: 'long-name',
  severity: 'error',
  why: 'PostgreSQL cuts names at 63 bytes with no more than a notice: two names may become one, and whoever compares names finds another.',
  lock: null,
  rewrite: 'A name of at most 63 bytes',
  *check({ node, text }) {
    const words = text.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []
    const names = words
      .map((word) =>
        word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase(),
      )
      .filter((name) => Buffer.byteLength(name) > LONGEST)
    if (names.length === 0) return
    const known = stringsIn(node)
    for (const name of new Set(names)) {
      if (!known.has(cut(name))) continue
      yield {
        message: `"${name}" is ${Buffer.byteLength(name)} bytes long and becomes "${cut(name)}"`,
      }
    }
  },
}

/** Every text in the tree, names among them. */
function stringsIn(root: unknown): Set<string> {
  const found = new Set<string>()
  for (const node of nodesIn(root)) {
    for (const value of Object.values(node)) if (typeof value === 'string') found.add(value)
  }
  return found
}

/** The name as PostgreSQL keeps it: whole characters only. */
function cut(name: string): string {
  let kept = ''
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > LONGEST) break
    kept += character
  }
  return kept
}
