import { qualifiedName, quoteName } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import type { Entity, Part } from './entity.ts'
import { operation } from './operation.ts'

/** Domains. */
export const domains: Craft<'domain'> = {
  state: ({ value }) => ({
    type: value.type,
    collation: value.collation,
    notNull: value.notNull,
    default: value.default,
  }),
  make: ({ object, value }, _site, parts) => {
    const name = qualifiedName(value.schema, value.name)
    const checks = parts.filter((part) => part.part === 'domainCheck')
    const clauses = [
      `create domain ${name} as ${value.type}`,
      ...(value.collation === undefined ? [] : [`collate ${value.collation}`]),
      ...(value.default === undefined ? [] : [`default ${value.default}`]),
      ...(value.notNull ? ['not null'] : []),
      ...checks.filter((check) => check.value.validated).map(checkClause),
    ]
    return operation('createType', object, {
      sql: [
        clauses.join(' '),
        ...checks.filter((check) => !check.value.validated).map(addUnvalidated),
      ],
      down: [`drop domain ${name}`],
    })
  },
  change: (before, after) => {
    if (before.value.type !== after.value.type) return 'replace'
    if (before.value.collation !== after.value.collation) return 'replace'
    const alter = (from: Part<'domain'>, to: Part<'domain'>) => {
      const head = `alter domain ${qualifiedName(to.value.schema, to.value.name)}`
      const statements: string[] = []
      if (from.value.default !== to.value.default) {
        const value = to.value.default
        statements.push(`${head} ${value === undefined ? 'drop default' : `set default ${value}`}`)
      }
      if (from.value.notNull !== to.value.notNull) {
        statements.push(`${head} ${to.value.notNull ? 'set' : 'drop'} not null`)
      }
      return statements
    }
    const destructive = after.value.notNull && !before.value.notNull
    const statements = { sql: alter(before, after), down: alter(after, before) }
    const lock = destructive ? 'SHARE' : null
    return [operation('alterType', after.object, statements, { destructive, lock })]
  },
  subject: ({ value }) => `domain ${qualifiedName(value.schema, value.name)}`,
}

/** Checks of domains. */
export const domainChecks: Craft<'domainCheck'> = {
  state: ({ value: { definition, validated } }) => ({ definition, validated }),
  make: (entity, site) => {
    const name = quoteName(entity.value.name)
    const head = headOf(entity)
    const { validated } = entity.value
    const online = site.online && validated
    const unvalidated = addUnvalidated(entity)
    const sql = validated
      ? online
        ? [unvalidated, `${head} validate constraint ${name}`]
        : [`${head} add ${checkClause(entity)}`]
      : [unvalidated]
    return operation(
      'addConstraint',
      entity.object,
      { sql, down: [`${head} drop constraint ${name}`] },
      { lock: 'SHARE', transactional: !online },
    )
  },
  change: (before, after) => {
    if (before.value.definition !== after.value.definition) return 'remake'
    const validate = `${headOf(after)} validate constraint ${quoteName(after.value.name)}`
    const again = [
      `${headOf(after)} drop constraint ${quoteName(after.value.name)}`,
      addUnvalidated(after),
    ]
    const [sql, down] = after.value.validated ? [[validate], again] : [again, [validate]]
    return [operation('alterConstraint', after.object, { sql, down }, { lock: 'SHARE' })]
  },
  subject: (entity) => {
    const domain = qualifiedName(entity.whole.schema, entity.whole.name)
    return `constraint ${quoteName(entity.value.name)} on domain ${domain}`
  },
}

function headOf({ whole }: Part<'domainCheck'>): string {
  return `alter domain ${qualifiedName(whole.schema, whole.name)}`
}

function checkClause({ value }: Part<'domainCheck'> & Entity): string {
  return `constraint ${quoteName(value.name)} ${value.definition}`
}

function addUnvalidated(entity: Part<'domainCheck'>): string {
  return `${headOf(entity)} add ${checkClause(entity)} not valid`
}
