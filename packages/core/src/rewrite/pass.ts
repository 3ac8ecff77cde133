import {
  ColumnNode,
  type Expression,
  ExpressionWrapper,
  FunctionNode,
  type OperationNode,
  type PrimitiveValueListNode,
  ReferenceNode,
  type SqlBool,
  TableNode,
  ValueNode,
} from 'kysely'
import type { SplitValue } from '../engine/rewriter.ts'
import type { Behaviour, ContextReader } from '../model/behaviour.ts'
import type { Model } from '../model/model.ts'
import { toSnakeCase } from '../model/naming.ts'
import type { ModelsByName } from './sources.ts'

/** A column with a behaviour. */
export interface Behaving {
  readonly key: string
  readonly type: string
  readonly behaviour: Behaviour
}

/** What holds where a query stands in the tree. */
export interface Scene {
  /** The names of CTEs, which hide models. */
  readonly hidden: ReadonlySet<string>
  /** The names of the scopes that are lifted. */
  readonly lifted: ReadonlySet<string>
}

/** One rewriting of one query: makes what is added to it, and notes what has to be known of it when it runs. */
export class Pass {
  readonly models: ModelsByName
  /** The entries of the context without which the query may not run. */
  readonly requires: Set<string> = new Set()
  /** The columns, as PostgreSQL names them, that refuse the rows of others. */
  readonly owned: Set<string> = new Set()
  /** Values that stood in a list and now stand alone. */
  readonly splits: Map<OperationNode, SplitValue> = new Map()
  readonly #reader: ContextReader

  constructor(models: ModelsByName, contextPrefix: string) {
    this.models = models
    this.#reader = (entry) => {
      this.requires.add(entry)
      const name = ValueNode.createImmediate(`${contextPrefix}${entry}`)
      return new ExpressionWrapper(FunctionNode.create('current_setting', [name]))
    }
  }

  /** Which rows of a model are seen, by conditions that all have to hold. */
  scopesOf(model: Model, name: string, { lifted }: Scene): OperationNode[] {
    return behavioursOf(model).flatMap(({ key, behaviour }) => {
      if (behaviour.scope === undefined || lifted.has(behaviour.name)) return []
      return [nodeOf(behaviour.scope(columnOf(name, key), this.#reader))]
    })
  }

  /** The columns that only rows of the context's own may be written with, and how they are written. */
  ownersOf(model: Model, { lifted }: Scene): (Behaving & { readonly value: OperationNode })[] {
    return behavioursOf(model).flatMap((one) => {
      const { owner, name } = one.behaviour
      if (owner === undefined || lifted.has(name)) return []
      this.owned.add(model.columns[one.key]?.definition.name ?? toSnakeCase(one.key))
      return [{ ...one, value: nodeOf(owner(this.#reader)) }]
    })
  }

  /** The values of a row, each in a node of its own. */
  split(list: PrimitiveValueListNode): OperationNode[] {
    return list.values.map((value, at) => {
      const alone = ValueNode.create(value)
      this.splits.set(alone, { of: list, at })
      return alone
    })
  }
}

/** The columns of a model that behave. */
export function behavioursOf(model: Model): Behaving[] {
  return Object.entries(model.columns).flatMap(([key, { definition }]) => {
    const { behaviour, type } = definition
    return behaviour === undefined ? [] : [{ key, type, behaviour }]
  })
}

/** A column, qualified. */
export function columnOf(source: string, key: string): Expression<unknown> {
  const reference = ReferenceNode.create(ColumnNode.create(key), TableNode.create(source))
  return new ExpressionWrapper(reference)
}

/** The node of an expression that a behaviour made. */
export function nodeOf(expression: Expression<unknown> | Expression<SqlBool>): OperationNode {
  return expression.toOperationNode()
}
