import type { OperationNode, SelectQueryNode, ValueNode } from 'kysely'
import { type Attached, attach, type Expansion } from '../engine/rewriter.ts'
import type { Model } from '../model/model.ts'
import type { EdgeNode } from './edge-node.ts'
import { attachAll, partOf } from './expansion.ts'
import { handLevel } from './hand-level.ts'
import type { Landed } from './landed.ts'
import { Planner } from './planner.ts'
import { ArrayScope } from './scope.ts'

/** The keys of rows in hand. */
export interface Hand {
  /** How many different keys there are. */
  readonly count: number
  /** One array for each column. */
  readonly arrays: ReadonlyMap<string, ValueNode>
}

/** Edges of rows in hand, one statement for each and those below it. The keys are its parameters. */
export class HandNode implements Attached {
  readonly kind = 'AquiferHandNode' as never
  readonly name: string
  readonly loaders: number
  readonly edges: readonly EdgeNode[]
  /** For each edge whether its rows have few parents. */
  readonly few: readonly boolean[]
  /** Of each edge, for each column of the key. */
  readonly keys: readonly ValueNode[]
  readonly #model: Model
  readonly #hands: readonly Hand[]

  constructor(model: Model, loaders: number, edges: readonly EdgeNode[], hands: readonly Hand[]) {
    this.name = model.name
    this.loaders = loaders
    this.edges = edges
    this.few = hands.map(({ count }) => handLevel(count).few)
    this.keys = hands.flatMap(({ arrays }) => [...arrays.values()])
    this.#model = model
    this.#hands = hands
  }

  /** A query that brings, as its rows, those of each edge. */
  get query(): SelectQueryNode {
    const none: OperationNode = Object.freeze({ kind: 'SelectQueryNode' as const })
    return attach(none as SelectQueryNode, this)
  }

  expand(): Expansion {
    const planner = new Planner(-1)
    const tops = this.edges.map((edge, at) => {
      const { count, arrays } = this.#hands[at] as Hand
      const level = handLevel(count)
      const scope = new ArrayScope(this.#model, arrays)
      const choice = { strategy: 'selectin', why: 'the rows in hand bring their keys' } as const
      const attach = { parent: -1, waiting: at, as: edge.as, many: edge.isList }
      return planner.statement(edge, attach, { scope, level, path: [at], names: [], choice })
    })
    const { statements } = planner
    const [first, ...others] = statements.map((one) => partOf(one, one.attach.parent === -1))
    if (first === undefined) throw new Error('no edge is asked for')
    return {
      parts: [first, ...others],
      assemble: (results) => {
        const landed = results as Landed[][]
        attachAll(statements, landed, 0)
        return tops.map((at) => landed[at])
      },
    }
  }

  expandForStream(): never {
    throw new Error('rows in hand are not streamed')
  }
}
