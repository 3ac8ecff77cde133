import type { OperationNode } from 'kysely'

/** Whether a node holds values of the caller's: they are no nodes, whatever they look like, and may be of any depth. */
export function holdsValues({ kind }: OperationNode): boolean {
  return kind === 'ValueNode' || kind === 'PrimitiveValueListNode'
}
