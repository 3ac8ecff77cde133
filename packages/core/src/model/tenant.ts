import {
  CastNode,
  type ColumnDataType,
  DataTypeNode,
  type Expression,
  ExpressionWrapper,
  expressionBuilder,
} from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { ContextReader } from './behaviour.ts'
import type { Column, ColumnTrait } from './column.ts'
import { withBehaviour } from './with-behaviour.ts'

/** The name of the scope, and the entry of the session's context that it reads. */
const TENANT = 'tenant'

/**
 * The tenant that a row belongs to, in a column of this type. Only rows of the tenant in the session's context are seen, changed and written;
 * an insert may leave the column out.
 *
 * @throws {UsageError} `MODEL_TENANT` if the column allows null
 */
export function tenant<Select, Insert, Update, Trait extends ColumnTrait>(
  column: Column<Select, Insert, Update, Trait>,
): Column<Select, Insert | undefined, Update, Trait | 'guarded' | 'scope'> {
  const { type, nullable } = column.definition
  if (nullable) {
    throw new UsageError('MODEL_TENANT', 'every row of a tenant has one: take nullable() away')
  }
  const current = (context: ContextReader) => inType(context(TENANT), type)
  const scoped = withBehaviour(column.guarded(), {
    name: TENANT,
    scope: (one, context) => expressionBuilder()(one, '=', current(context)),
    owner: current,
  })
  return scoped as Column<Select, Insert | undefined, Update, Trait | 'guarded' | 'scope'>
}

/** By a node that is no raw SQL, which nobody would know to be harmless. */
function inType(value: Expression<string>, type: string): Expression<unknown> {
  if (type === 'text') return value
  const written = DataTypeNode.create(type as ColumnDataType)
  return new ExpressionWrapper(CastNode.create(value.toOperationNode(), written))
}
