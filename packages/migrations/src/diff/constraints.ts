import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Constraint } from '../catalogue/table.ts'
import type { Craft } from './craft.ts'
import type { Part } from './entity.ts'
import { type LockMode, operation } from './operation.ts'
import { changeOptions } from './quote-list.ts'
import { addConstraint } from './safe-form.ts'

/** Constraints of tables. */
export const constraints: Craft<'constraint'> = {
  state: ({ value: { definition, validated, options, indexValid } }) => {
    return { definition, validated, options, indexValid }
  },
  make: (entity, site) => {
    const { sql, transactional } = addConstraint(entity.whole, entity.value, site)
    const down = [`${alterTable(entity)} drop constraint ${quoteName(entity.value.name)}`]
    const costs = { lock: lockOf(entity.value), transactional }
    return operation('addConstraint', entity.object, { sql, down }, costs)
  },
  change: (before, after, site) => {
    const [from, to] = [before.value, after.value]
    if (!from.indexValid && to.indexValid) return 'remake'
    if (withoutDeferral(from) !== withoutDeferral(to)) return 'remake'
    if (from.definition !== to.definition && to.type !== 'foreignKey') return 'remake'
    const redo = (entity: Part<'constraint'>) => [
      `${alterTable(entity)} drop constraint ${quoteName(entity.value.name)}`,
      ...addConstraint(entity.whole, entity.value, site).sql,
    ]
    const alter = (old: Part<'constraint'>, next: Part<'constraint'>) => {
      if (old.value.validated && !next.value.validated) return redo(next)
      return [
        ...(old.value.definition === next.value.definition ? [] : [alterDeferral(next)]),
        ...(old.value.validated ? [] : next.value.validated ? [validate(next)] : []),
        ...changeOptions(`alter index ${indexName(next)}`, old.value.options, next.value.options),
      ]
    }
    const statements = { sql: alter(before, after), down: alter(after, before) }
    if (statements.sql.length === 0) return []
    const validates = from.validated !== to.validated
    const costs = { lock: lockOf(to), transactional: !(site.online && validates) }
    return [operation('alterConstraint', after.object, statements, costs)]
  },
  subject: (entity) => {
    const table = qualifiedName(entity.whole.schema, entity.whole.name)
    return `constraint ${quoteName(entity.value.name)} on ${table}`
  },
}

function alterTable({ whole }: Part<'constraint'>): string {
  return `alter table ${qualifiedName(whole.schema, whole.name)}`
}

function indexName({ whole, value }: Part<'constraint'>): string {
  return qualifiedName(whole.schema, value.name)
}

function lockOf({ type }: Constraint): LockMode {
  return type === 'foreignKey' ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE'
}

function validate(entity: Part<'constraint'>): string {
  return `${alterTable(entity)} validate constraint ${quoteName(entity.value.name)}`
}

function withoutDeferral({ definition }: Constraint): string {
  return definition.replace(/ DEFERRABLE/, '').replace(/ INITIALLY DEFERRED/, '')
}

/** Only a foreign key can become deferrable, or cease to be, in place. */
function alterDeferral(entity: Part<'constraint'>): string {
  const { name, deferrable, initiallyDeferred } = entity.value
  const deferral = deferrable
    ? `deferrable initially ${initiallyDeferred ? 'deferred' : 'immediate'}`
    : 'not deferrable'
  return `${alterTable(entity)} alter constraint ${quoteName(name)} ${deferral}`
}
