import {
  createQueryId,
  type Expression,
  type IdentifierNode,
  PostgresQueryCompiler,
  type PrimitiveValueListNode,
  type RootOperationNode,
  type ValueNode,
} from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import { toSnakeCase } from './naming.ts'

/** The name in PostgreSQL of a name that an expression holds. */
export type NameMap = (name: string) => string

/** A name as it stands in a statement. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Names in parentheses. */
export function quotedList(names: readonly string[]): string {
  return `(${names.map(quoted).join(', ')})`
}

/** A table, type or other thing of a schema, as it stands in a statement. */
export function qualified(schema: string | undefined, name: string): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`
}

/**
 * A value as it stands in a statement.
 *
 * @throws {UsageError} `DDL_VALUE` for a value that has no spelling of its own
 */
export function literal(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string' && !value.includes('\0')) return `'${value.replaceAll("'", "''")}'`
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number')
    return Number.isFinite(value) ? String(value) : `'${numberWord(value)}'`
  if (value instanceof Date) return `'${value.toISOString()}'`
  throw new UsageError(
    'DDL_VALUE',
    `a value of type ${typeof value} cannot stand in a statement of the schema: write it as text, or as an expression of sql`,
  )
}

/** An expression as PostgreSQL reads it: names in snake_case, values as literals, no parameters. */
export function textOf(expression: Expression<unknown>, nameOf: NameMap = toSnakeCase): string {
  const compiler = new TextCompiler(nameOf)
  // Any node that Kysely can write by itself will do; the type names only whole queries.
  const node = expression.toOperationNode() as RootOperationNode
  return compiler.compileQuery(node, createQueryId()).sql
}

/** Whether a value is an expression of Kysely's. */
export function isExpression(value: unknown): value is Expression<unknown> {
  return typeof value === 'object' && value !== null && 'toOperationNode' in value
}

class TextCompiler extends PostgresQueryCompiler {
  readonly #nameOf: NameMap

  constructor(nameOf: NameMap) {
    super()
    this.#nameOf = nameOf
  }

  protected override compileUnwrappedIdentifier(node: IdentifierNode): void {
    super.compileUnwrappedIdentifier({ ...node, name: this.#nameOf(node.name) })
  }

  protected override visitValue({ value }: ValueNode): void {
    this.append(literal(value))
  }

  protected override visitPrimitiveValueList({ values }: PrimitiveValueListNode): void {
    this.append(`(${values.map(literal).join(', ')})`)
  }
}

function numberWord(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? 'Infinity' : '-Infinity'
}
