import { type OperationNode, RawNode, type RootOperationNode, ValueNode } from 'kysely'

/**
 * What a query is marked with lies among its end modifiers, where every plugin of Kysely keeps it, as a comment of SQL that is taken out again
 * before the query is compiled.
 */
export interface Marks {
  /** The scopes that are lifted, for the query and what is inside of it. */
  readonly unscoped: readonly string[]
  /** Rows are removed also where the model would keep them. */
  readonly hard: boolean
  /** The version that the row has to have. */
  readonly version: ValueNode | undefined
}

interface Markable extends OperationNode {
  readonly endModifiers?: readonly OperationNode[] | undefined
}

const UNSCOPED = /^\/\* unscoped ([\w ]+) \*\/$/
const HARD = '/* hard delete */'
const VERSION = '/* at version '
const NONE: Marks = { unscoped: [], hard: false, version: undefined }

/** Lifts these scopes. */
export const unscopedMark = (names: readonly string[]): OperationNode =>
  RawNode.createWithSql(`/* unscoped ${names.join(' ')} */`)

/** Asks for rows to be removed. */
export const hardMark = (): OperationNode => RawNode.createWithSql(HARD)

/** Asks for a version. */
export const versionMark = (version: unknown): OperationNode =>
  RawNode.create([VERSION, ' */'], [ValueNode.create(version)])

/** A query with one more mark. */
export function marked<N extends RootOperationNode>(query: N, mark: OperationNode): N {
  return { ...query, endModifiers: [...modifiersOf(query), mark] }
}

/** What a query is marked with. */
export function marksOf(query: OperationNode): Marks {
  const marks = modifiersOf(query).filter(isMark)
  if (marks.length === 0) return NONE
  return {
    unscoped: marks.flatMap(({ sqlFragments: [text = ''] }) => {
      return UNSCOPED.exec(text)?.[1]?.split(' ') ?? []
    }),
    hard: marks.some(({ sqlFragments: [text] }) => text === HARD),
    version: marks.find(isVersion)?.parameters[0] as ValueNode | undefined,
  }
}

/** A query without its marks; the same one if it has none. */
export function withoutMarks<N extends OperationNode>(query: N): N {
  const modifiers = modifiersOf(query)
  const others = modifiers.filter((one) => !isMark(one))
  return others.length === modifiers.length ? query : { ...query, endModifiers: others }
}

/** A query out of another one's parts, in which the same scopes are lifted. */
export function unscopedLike<N extends RootOperationNode>(query: N, other: OperationNode): N {
  const { unscoped } = marksOf(other)
  return unscoped.length === 0 ? query : marked(query, unscopedMark(unscoped))
}

function modifiersOf(query: OperationNode): readonly OperationNode[] {
  return (query as Markable).endModifiers ?? []
}

function isMark(node: OperationNode): node is RawNode {
  if (node.kind !== 'RawNode') return false
  const [text = ''] = (node as RawNode).sqlFragments
  return text === HARD || isVersion(node as RawNode) || UNSCOPED.test(text)
}

function isVersion({ sqlFragments: [text] }: RawNode): boolean {
  return text === VERSION
}
