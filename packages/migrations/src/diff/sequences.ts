import type { SequenceOptions } from '../catalogue/plain-object.ts'
import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import type { Part } from './entity.ts'
import { operation } from './operation.ts'

/** Sequences that stand for themselves. */
export const sequences: Craft<'sequence'> = {
  state: ({ value: { options, unlogged, ownedBy } }) => ({ options, unlogged, ownedBy }),
  make: (entity) => {
    const { object, value } = entity
    const name = nameOf(entity)
    const clauses = ['', typeClause(value.options), ...sequenceClauses(value.options)]
    const create = `create ${value.unlogged ? 'unlogged ' : ''}sequence ${name}`
    return operation('createSequence', object, {
      sql: [
        create + clauses.filter((clause, at) => at === 0 || clause !== '').join(' '),
        ...(value.ownedBy ? [ownership(entity)] : []),
      ],
      down: [`drop sequence ${name}`],
    })
  },
  change: (before, after) => {
    const alter = (from: Part<'sequence'>, to: Part<'sequence'>) => {
      const statements: string[] = []
      const { options, unlogged, ownedBy } = to.value
      if (JSON.stringify(from.value.options) !== JSON.stringify(options)) {
        statements.push(alterSequence(nameOf(to), options))
      }
      if (from.value.unlogged !== unlogged) {
        statements.push(`alter sequence ${nameOf(to)} set ${unlogged ? 'unlogged' : 'logged'}`)
      }
      if (JSON.stringify(from.value.ownedBy) !== JSON.stringify(ownedBy)) {
        statements.push(ownership(to))
      }
      return statements
    }
    const statements = { sql: alter(before, after), down: alter(after, before) }
    return [operation('alterSequence', after.object, statements)]
  },
  subject: (entity) => `sequence ${nameOf(entity)}`,
}

function nameOf({ value }: Part<'sequence'>): string {
  return qualifiedName(value.schema, value.name)
}

function ownership(entity: Part<'sequence'>): string {
  const { ownedBy } = entity.value
  const owner = ownedBy
    ? `${qualifiedName(ownedBy.schema, ownedBy.table)}.${quoteName(ownedBy.column)}`
    : 'none'
  return `alter sequence ${nameOf(entity)} owned by ${owner}`
}

/** The statement after which a sequence counts in this way. */
export function alterSequence(name: string, options: SequenceOptions): string {
  return `alter sequence ${name} as ${options.type} ${allClauses(options).join(' ')}`
}

function typeClause({ type }: SequenceOptions): string {
  return type === 'bigint' ? '' : `as ${type}`
}

/** The options of a sequence that are not what it would have anyway. */
export function sequenceClauses(options: SequenceOptions): string[] {
  const usual = usualOptions(options)
  return [
    ...(options.increment === '1' ? [] : [`increment by ${options.increment}`]),
    ...(options.min === usual.min ? [] : [`minvalue ${options.min}`]),
    ...(options.max === usual.max ? [] : [`maxvalue ${options.max}`]),
    ...(options.start === startOf(options) ? [] : [`start with ${options.start}`]),
    ...(options.cache === '1' ? [] : [`cache ${options.cache}`]),
    ...(options.cycle ? ['cycle'] : []),
  ]
}

/** All options of a sequence but for its type. */
export function allClauses(options: SequenceOptions): string[] {
  const { increment, min, max, start, cache, cycle } = options
  return [
    `increment by ${increment}`,
    `minvalue ${min}`,
    `maxvalue ${max}`,
    `start with ${start}`,
    `cache ${cache}`,
    cycle ? 'cycle' : 'no cycle',
  ]
}

const LARGEST: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n - 1n,
  integer: 2n ** 31n - 1n,
  bigint: 2n ** 63n - 1n,
}

function usualOptions({ type, increment }: SequenceOptions): { min: string; max: string } {
  const largest = LARGEST[type] ?? 0n
  return increment.startsWith('-')
    ? { min: String(-largest - 1n), max: '-1' }
    : { min: '1', max: String(largest) }
}

function startOf({ increment, min, max }: SequenceOptions): string {
  return increment.startsWith('-') ? max : min
}

/** How a sequence counts after its type has changed: a bound that was the type's own moves along. */
export function retypedOptions(options: SequenceOptions, type: string): SequenceOptions {
  const usual = usualOptions(options)
  const next = usualOptions({ ...options, type })
  return {
    ...options,
    type,
    min: options.min === usual.min ? next.min : options.min,
    max: options.max === usual.max ? next.max : options.max,
  }
}
