import type { Node } from 'libpg-query'

type Member<Union> = Union extends unknown ? keyof Union : never
type BodyOf<Kind extends string> = Extract<Node, Record<Kind, unknown>>[Kind &
  keyof Extract<Node, Record<Kind, unknown>>]

/** What a node of the parse tree may be, as `AlterTableStmt`. */
export type NodeKind = Member<Node>

/** A node of the parse tree, of which every kind can be asked for. */
export type AnyNode = { readonly [Kind in NodeKind]?: BodyOf<Kind> }

/** The node, asked for by any kind. */
export function asAny(node: Node | undefined): AnyNode {
  return (node ?? {}) as AnyNode
}

/** The strings of a list of names, as `['pg_catalog', 'int4']`. */
export function namesIn(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => asAny(node).String?.sval ?? [])
}

/** Every node below `root`, `root` included, parents first; a tree of any depth. */
export function* nodesIn(root: unknown): Generator<AnyNode> {
  const open: unknown[] = [root]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    if (!Array.isArray(next)) yield next as AnyNode
    for (const below of Object.values(next).reverse()) open.push(below)
  }
}

/** The columns that an expression names, without their tables. */
export function columnsIn(expression: Node | undefined): string[] {
  const names = [...nodesIn(expression)].flatMap(
    (node) => namesIn(node.ColumnRef?.fields).at(-1) ?? [],
  )
  return [...new Set(names)]
}

/** The text of a constant, be it a string, a number or a cast of one. */
export function constantOf(node: Node | undefined): string | undefined {
  const { A_Const: constant, TypeCast: cast } = asAny(node)
  if (cast !== undefined) return constantOf(cast.arg)
  if (constant === undefined) return undefined
  const { sval, ival, fval, boolval } = constant
  if (sval !== undefined) return sval.sval ?? ''
  if (ival !== undefined) return String(ival.ival ?? 0)
  if (fval !== undefined) return fval.fval ?? '0'
  return boolval === undefined ? undefined : String(boolval.boolval ?? false)
}
