import {
  type Expression,
  ExpressionWrapper,
  type OperationNode,
  ParensNode,
  type SqlBool,
} from 'kysely'
import { Aliases, linkBody } from './edge-body.ts'
import { type AnyEdgeOptions, filterOf } from './edge-node.ts'
import type { Link } from './link.ts'
import { joinsOf } from './scope.ts'
import { allEqual, columnOf, compare, literal, selectOf, unary } from './select-nodes.ts'

/** How many of the related rows have to meet a condition. */
export type Quantity = 'some' | 'every' | 'none'

/** Whether so many of the related rows of the row `alias` meet the condition. */
export function relatedRows(
  quantity: Quantity,
  link: Link,
  { where, alias }: { readonly where: AnyEdgeOptions['where']; readonly alias: string },
): Expression<SqlBool> {
  const condition = filterOf(where)
  const filter = quantity === 'every' ? isNotTrue(condition) : condition
  const body = linkBody(link, new Aliases(), { where: filter, orderBy: undefined })
  const own = link.own.map((name) => columnOf(alias, name))
  const rows = selectOf({
    from: body.from,
    joins: joinsOf(body),
    where: [allEqual(body.link, own)],
    select: [literal(1)],
  })
  const node = unary(quantity === 'some' ? 'exists' : 'not exists', rows)
  return new ExpressionWrapper<never, never, SqlBool>(node)
}

/** Neither false nor unknown will do. */
function isNotTrue(condition: OperationNode | undefined): OperationNode {
  if (condition === undefined) return literal(false)
  return compare(ParensNode.create(condition), 'is not', literal(true))
}
