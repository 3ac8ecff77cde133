import { UsageError } from '../errors/usage-error.ts'
import type { EdgeNode } from './edge-node.ts'

/** How an edge is loaded. */
export type Strategy = 'lateral' | 'selectin' | 'joined' | 'raise'

/** A strategy, and why it was taken. */
export interface Choice {
  readonly strategy: Strategy
  readonly why: string
}

/** What is known of the rows of which an edge is loaded. */
export interface Level {
  /** They are rows of the query itself, of a statement of ours, of JSON inside of one, or in hand. */
  readonly rows: 'query' | 'statement' | 'json' | 'hand'
  /** There are only a few of them. */
  readonly few: boolean
  /** Why another statement cannot find the same rows by the query; undefined if it can. */
  readonly unrepeatable: string | undefined
  /** The query locks its rows, which a row that a join leaves empty cannot be. */
  readonly locks: boolean
  /** Everything has to be in one statement. */
  readonly single: boolean
}

/**
 * How an edge is loaded, and why.
 *
 * @throws {UsageError} `LOAD_STRATEGY` if it cannot be loaded as it was asked
 */
export function chooseStrategy(edge: EdgeNode, level: Level): Choice {
  const { strategy } = edge
  if (strategy === 'raise') return { strategy, why: 'nobody may load it' }
  if (level.rows === 'hand')
    return { strategy: 'selectin', why: 'the rows in hand bring their keys' }
  if (strategy !== 'auto') return asked(edge, strategy, level)
  return edge.isList || edge.fn !== undefined ? several(edge, level) : one(edge, level)
}

function asked(edge: EdgeNode, strategy: 'lateral' | 'selectin' | 'joined', level: Level): Choice {
  if (strategy === 'selectin' && level.single)
    return { strategy: 'lateral', why: 'everything has to be in one statement' }
  if (strategy === 'selectin' && level.rows === 'json') {
    throw misfit(
      edge,
      'is inside of an edge that is loaded as JSON, in the same statement',
      'lateral',
    )
  }
  if (strategy === 'joined' && level.locks) {
    throw misfit(edge, 'is joined to a query that locks its rows, and may be empty', 'lateral')
  }
  return { strategy, why: 'it was asked for' }
}

function one(edge: EdgeNode, { locks }: Level): Choice {
  if (locks)
    return {
      strategy: 'lateral',
      why: 'the query locks its rows, which an empty side of a join has not',
    }
  return edge.isUnique
    ? { strategy: 'joined', why: 'each parent has at most one row, by its key' }
    : { strategy: 'lateral', why: 'each parent has at most one row' }
}

function several(edge: EdgeNode, level: Level): Choice {
  const { rows, few, unrepeatable, single } = level
  if (rows === 'json') return { strategy: 'lateral', why: 'it is inside of JSON' }
  if (single) return { strategy: 'lateral', why: 'everything has to be in one statement' }
  if (edge.edges.some(wantsStatement))
    return { strategy: 'selectin', why: 'an edge below it asks for a statement of its own' }
  if (edge.limit !== undefined)
    return { strategy: 'lateral', why: 'each parent brings no more rows than its limit' }
  if (few) return { strategy: 'lateral', why: 'there are few parents' }
  if (unrepeatable !== undefined) return { strategy: 'lateral', why: unrepeatable }
  return { strategy: 'selectin', why: 'there may be many parents' }
}

function wantsStatement(edge: EdgeNode): boolean {
  return (
    edge.strategy === 'selectin' || (edge.strategy !== 'lateral' && edge.edges.some(wantsStatement))
  )
}

function misfit(edge: EdgeNode, why: string, instead: string): UsageError {
  return new UsageError(
    'LOAD_STRATEGY',
    `the edge ${edge.as} asks for ${edge.strategy} but ${why}: use ${instead}, or another strategy around it`,
  )
}
