import fc from 'fast-check'
import { type RawBuilder, sql } from 'kysely'
import { textCodec } from '../src/codec/basic.ts'
import { Column, column } from '../src/model/column.ts'
import type { Index, Unique } from '../src/model/constraint.ts'
import { defineModel, type Model } from '../src/model/model.ts'
import { belongsTo, type ReferentialAction } from '../src/model/relation.ts'
import type { Catalogue } from './catalogue.ts'

/** Models, and what the catalogue has to say when their statements have run. */
export interface Declared {
  readonly models: readonly Model[]
  readonly expected: Catalogue
}

/** A type as it is declared, as the catalogue calls it, and a default with the catalogue's spelling of it. */
const KINDS = [
  ['text', 'text', 'it\'s \\ "quoted"', "'it''s \\ \"quoted\"'::text"],
  ['varchar(30)', 'character varying(30)', 'x', "'x'::character varying"],
  ['integer', 'integer', 7, '7'],
  ['bigint', 'bigint', 9007199254740993n, "'9007199254740993'::bigint"],
  ['numeric(10, 4)', 'numeric(10,4)', '1.5', '1.5'],
  ['boolean', 'boolean', true, 'true'],
  ['timestamptz', 'timestamp with time zone', sql`now()`, 'now()'],
  ['uuid', 'uuid', sql`gen_random_uuid()`, 'gen_random_uuid()'],
  ['jsonb', 'jsonb', '{}', "'{}'::jsonb"],
  ['text[]', 'text[]', sql`array['a', ${'b'}]`, "ARRAY['a'::text, 'b'::text]"],
] as const

const ACTIONS = { 'no action': 'a', restrict: 'r', cascade: 'c', 'set null': 'n' } as const

interface ColumnPlan {
  readonly kind: number
  readonly nullable: boolean
  readonly special: 'none' | 'default' | 'identity' | 'generated' | 'unique' | 'list' | 'check'
  readonly comment: string | undefined
}

interface TablePlan {
  readonly columns: readonly ColumnPlan[]
  readonly compositeKey: boolean
  readonly unique: { readonly nullsNotDistinct: boolean; readonly deferrable: boolean } | undefined
  readonly index: Required<Pick<Index, 'unique' | 'nullsNotDistinct'>> & {
    readonly order: 'asc' | 'desc'
    readonly nulls: 'first' | 'last' | undefined
    readonly partial: boolean
    readonly include: boolean
    readonly fillfactor: number | undefined
  }
  readonly hash: boolean
  readonly reference: {
    readonly to: number
    readonly onDelete: keyof typeof ACTIONS
    readonly deferrable: boolean
    readonly kept: 'belongsTo' | 'foreignKey' | 'not valid'
  }
}

const columnPlan: fc.Arbitrary<ColumnPlan> = fc.record({
  kind: fc.nat({ max: KINDS.length - 1 }),
  nullable: fc.boolean(),
  special: fc.constantFrom('none', 'default', 'identity', 'generated', 'unique', 'list', 'check'),
  comment: fc.option(fc.constantFrom("what it's for", 'ünïcode', ''), { nil: undefined }),
})

const tablePlan: fc.Arbitrary<TablePlan> = fc.record({
  columns: fc.array(columnPlan, { minLength: 1, maxLength: 5 }),
  compositeKey: fc.boolean(),
  unique: fc.option(fc.record({ nullsNotDistinct: fc.boolean(), deferrable: fc.boolean() }), {
    nil: undefined,
  }),
  index: fc.record({
    unique: fc.boolean(),
    nullsNotDistinct: fc.boolean(),
    order: fc.constantFrom('asc', 'desc'),
    nulls: fc.constantFrom('first', 'last', undefined),
    partial: fc.boolean(),
    include: fc.boolean(),
    fillfactor: fc.constantFrom(70, undefined),
  }),
  hash: fc.boolean(),
  reference: fc.record({
    to: fc.nat(),
    onDelete: fc.constantFrom('no action', 'restrict', 'cascade', 'set null'),
    deferrable: fc.boolean(),
    kept: fc.constantFrom('belongsTo', 'foreignKey', 'not valid'),
  }),
})

/** Sets of models that refer to each other in any direction, in this schema. */
export const randomModels = (schema: string): fc.Arbitrary<Declared> =>
  fc.array(tablePlan, { minLength: 1, maxLength: 5 }).map((plans) => {
    const expected = { columns: {}, constraints: {}, indexes: {}, comments: [] as string[] }
    const models = plans.map((plan, at) => makeModel({ plan, at, plans, schema, expected }))
    return { models, expected: { ...expected, comments: expected.comments.filter(Boolean).sort() } }
  })

interface Making {
  readonly plan: TablePlan
  readonly at: number
  readonly plans: readonly TablePlan[]
  readonly schema: string
  readonly expected: {
    readonly columns: Record<string, unknown>
    readonly constraints: Record<string, unknown>
    readonly indexes: Record<string, unknown>
    readonly comments: string[]
  }
}

function makeModel(making: Making): Model {
  const { plan, at, schema } = making
  const table = `tall_table${at}`
  const key = plan.compositeKey ? ['id', 'region'] : ['id']
  noteKey(making, table, key)
  const columns = Object.fromEntries([
    ...key.map((name) => [name, column('integer', textCodec).primaryKey()]),
    ...plan.columns.map((one, n) => [`someColumn${n}`, makeColumn(making, one, n)]),
    ...noteReference(making, table).map((name) => [name, column('integer', textCodec).nullable()]),
  ])
  return defineModel(`tallTable${at}`, columns as Record<string, Column<unknown>>, {
    schema,
    ...referenceOf(making),
    uniques: uniquesOf(making, table),
    indexes: indexesOf(making, table),
  })
}

function noteKey({ expected }: Making, table: string, key: readonly string[]): void {
  for (const name of key) {
    expected.columns[`${table}.${name}`] = {
      ...{ type: 'integer', nullable: false, default: null, identity: '', generated: '' },
    }
  }
  expected.constraints[`${table}.${table}_pkey`] = constraint('p', key)
}

function makeColumn(
  { expected, at }: Making,
  { kind, nullable, special, comment }: ColumnPlan,
  n: number,
): Column<unknown, unknown, unknown, never> {
  const [type, shown, value, shownDefault] = KINDS[kind] as (typeof KINDS)[number]
  const table = `tall_table${at}`
  const name = `some_column${n}`
  const isNumber = type === 'integer' || type === 'bigint'
  const identity = special === 'identity' && isNumber
  const hasDefault = special === 'default'
  const generated = special === 'generated' && type === 'integer'
  let made = column<unknown>(type, textCodec) as Column<unknown, unknown, unknown, never>
  if (nullable && !identity) made = made.nullable() as typeof made
  if (hasDefault) made = made.default(value as RawBuilder<unknown>) as typeof made
  if (identity) made = made.identity({ always: n % 2 === 0, start: 5, increment: 3 }) as typeof made
  if (generated) made = made.generated(sql`${sql.ref('id')} * 2`, { stored: true }) as typeof made
  if (comment !== undefined) made = made.comment(comment)
  if (comment !== undefined) expected.comments.push(comment)
  if (special === 'unique' && type !== 'jsonb') {
    made = made.unique()
    expected.constraints[`${table}.${table}_${name}_key`] = constraint('u', [name])
  }
  if (special === 'list' && type === 'text')
    made = new Column({ ...made.definition, oneOf: ['a', "b'c"] })
  if (special === 'check') made = made.check((it) => sql`${it} is distinct from ${null}`)
  if (special === 'check' || (special === 'list' && type === 'text'))
    expected.constraints[`${table}.${table}_${name}_check`] = constraint('c', [name])
  expected.columns[`${table}.${name}`] = {
    type: shown,
    nullable: nullable && !identity,
    default: hasDefault ? shownDefault : null,
    identity: identity ? (n % 2 === 0 ? 'a' : 'd') : '',
    generated: generated ? 's' : '',
  }
  return made
}

function uniquesOf({ plan, expected }: Making, table: string): Unique[] {
  if (plan.unique === undefined) return []
  const { nullsNotDistinct, deferrable } = plan.unique
  expected.constraints[`${table}.${table}_id_reference_id_key`] = {
    ...constraint('u', ['id', 'reference_id']),
    deferring: deferrable ? 'initially deferred' : '',
    nullsNotDistinct,
  }
  expected.comments.push('twice is once too often')
  return [
    {
      on: ['id', 'referenceId'],
      nullsNotDistinct,
      deferrable: deferrable ? 'initially deferred' : false,
      comment: 'twice is once too often',
    },
  ]
}

function indexesOf({ plan, expected }: Making, table: string): Index[] {
  const { unique, nullsNotDistinct, order, nulls, partial, include, fillfactor } = plan.index
  const name = `${table}_reference_id_expr${include ? '_id' : ''}_${unique ? 'key' : 'idx'}`
  const usualNulls = order === 'asc' ? 'last' : 'first'
  expected.indexes[`${table}.${name}`] = {
    unique,
    nullsNotDistinct: unique && nullsNotDistinct,
    method: 'btree',
    keys: [`reference_id ${order} nulls ${nulls ?? usualNulls}`, `(id + 1) asc nulls last`],
    include: include ? ['id'] : null,
    predicate: partial ? '(reference_id > 5)' : null,
    options: fillfactor === undefined ? [] : [`fillfactor=${fillfactor}`],
  }
  if (plan.hash) {
    expected.indexes[`${table}.by_hash_${table}`] = {
      ...{ unique: false, nullsNotDistinct: false, method: 'hash', keys: ['reference_id'] },
      ...{ include: null, predicate: null, options: [] },
    }
  }
  return [
    {
      on: [{ column: 'referenceId', order, ...(nulls && { nulls }) }, sql`${sql.ref('id')} + ${1}`],
      unique,
      ...(unique && { nullsNotDistinct }),
      ...(include && { include: 'id' }),
      ...(partial && { where: sql`${sql.ref('referenceId')} > ${5}` }),
      ...(fillfactor && { with: { fillfactor } }),
    },
    ...(plan.hash ? [{ on: 'referenceId', using: 'hash', name: `by_hash_${table}` }] : []),
  ]
}

function targetOf({ plan, plans }: Making) {
  const at = plan.reference.to % plans.length
  return { at, isComposite: plans[at]?.compositeKey === true }
}

/** The columns that hold a reference, in TypeScript. */
function noteReference(making: Making, table: string): string[] {
  const { expected, plan } = making
  const { at, isComposite } = targetOf(making)
  const names = isComposite ? ['reference_id', 'reference_region'] : ['reference_id']
  for (const name of names) {
    expected.columns[`${table}.${name}`] = {
      ...{ type: 'integer', nullable: true, default: null, identity: '', generated: '' },
    }
  }
  const { onDelete, deferrable, kept } = plan.reference
  expected.constraints[`${table}.${table}_${names.join('_')}_fkey`] = {
    ...constraint('f', names),
    valid: kept !== 'not valid',
    deferring: deferrable ? (kept === 'belongsTo' ? 'deferrable' : 'initially deferred') : '',
    target: `tall_table${at}`,
    targetColumns: isComposite ? ['id', 'region'] : ['id'],
    onDelete: ACTIONS[onDelete],
    onUpdate: kept === 'belongsTo' ? 'a' : 'c',
    match: kept === 'belongsTo' ? 's' : 'f',
  }
  return isComposite ? ['referenceId', 'referenceRegion'] : ['referenceId']
}

function referenceOf(making: Making) {
  const { onDelete, deferrable, kept } = making.plan.reference
  const { at, isComposite } = targetOf(making)
  const own = isComposite ? ['referenceId', 'referenceRegion'] : ['referenceId']
  const target = `tallTable${at}`
  if (kept === 'belongsTo')
    return { relations: { reference: belongsTo(target, own, { onDelete, deferrable }) } }
  const foreignKey = {
    on: own,
    references: target,
    onDelete: onDelete as ReferentialAction,
    onUpdate: 'cascade' as const,
    match: 'full' as const,
    deferrable: deferrable ? ('initially deferred' as const) : false,
    notValid: kept === 'not valid',
  }
  return { foreignKeys: [foreignKey] }
}

function constraint(kind: string, columns: readonly string[]) {
  return {
    ...{ kind, valid: true, deferring: '', columns, target: null, targetColumns: null },
    ...{ onDelete: null, onUpdate: null, match: null },
    nullsNotDistinct: kind === 'u' ? false : null,
  }
}
