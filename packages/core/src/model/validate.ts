import type { ColumnDefinition } from './column.ts'
import type { ChangeOf, InputOf, Model } from './model.ts'
import type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'
import { isPlain, type ValueCheck, valueCheckOf } from './value-check.ts'

/**
 * A validator of what comes from outside: of the values that an `insert` takes, or of those that an `update` changes. It takes the columns that
 * input may set, each by its type, and refuses all others. What JSON cannot hold may come as text: digits of a bigint, an instant with its
 * offset; it is given back as the type says.
 *
 * CHECK constraints are the server's: what only they refuse passes here.
 */
export function validate<M extends Model>(model: M, kind: 'insert'): StandardSchema<InputOf<M>>
export function validate<M extends Model>(model: M, kind: 'update'): StandardSchema<ChangeOf<M>>
export function validate<M extends Model>(
  model: M,
  kind: 'insert' | 'update',
): StandardSchema<InputOf<M>> | StandardSchema<ChangeOf<M>> {
  const columns = new Map(
    Object.entries(model.columns).map(([key, { definition }]) => [
      key,
      ruleOf(definition as ColumnDefinition, kind),
    ]),
  )
  return Object.freeze({
    '~standard': Object.freeze({
      version: 1 as const,
      vendor: 'aquifer',
      validate: (value: unknown) =>
        judge(value, model.name, columns) as StandardResult<InputOf<M> & ChangeOf<M>>,
    }),
  })
}

interface Rule {
  readonly settable: boolean
  readonly required: boolean
  readonly nullable: boolean
  readonly check: ValueCheck
}

function ruleOf(definition: ColumnDefinition, kind: 'insert' | 'update'): Rule {
  const { nullable, primaryKey, generated, identity, guarded } = definition
  const isMade = generated !== undefined || identity?.always === true
  const isKept = kind === 'update' && (primaryKey || identity !== undefined)
  const hasValue = nullable || definition.default !== undefined || identity !== undefined
  const settable = !isMade && !isKept && !guarded
  return {
    settable,
    required: kind === 'insert' && settable && !hasValue,
    nullable,
    check: valueCheckOf(definition),
  }
}

function judge(
  input: unknown,
  model: string,
  rules: ReadonlyMap<string, Rule>,
): StandardResult<Record<string, unknown>> {
  if (!isPlain(input)) return { issues: [{ message: 'must be an object', path: [] }] }
  const issues: StandardIssue[] = []
  const value: Record<string, unknown> = {}
  for (const key of Object.keys(input)) {
    const rule = rules.get(key)
    if (rule === undefined) issues.push({ message: `is not a column of ${model}`, path: [key] })
    else if (input[key] !== undefined) {
      const checked = judgeColumn(input[key], rule)
      if ('value' in checked) value[key] = checked.value
      else issues.push({ message: checked.reason, path: [key, ...checked.path] })
    }
  }
  for (const [key, { required }] of rules) {
    if (required && (!Object.hasOwn(input, key) || input[key] === undefined))
      issues.push({ message: 'is required', path: [key] })
  }
  return issues.length > 0 ? { issues } : { value }
}

function judgeColumn(value: unknown, { settable, nullable, check }: Rule): ReturnType<ValueCheck> {
  if (!settable) return { reason: 'is not to be set', path: [] }
  if (value !== null) return check(value)
  return nullable ? { value } : { reason: 'must not be null', path: [] }
}
