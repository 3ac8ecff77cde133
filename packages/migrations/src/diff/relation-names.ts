import { qualifiedName } from '../catalogue/quote.ts'
import type { Entity } from './entity.ts'

/** The names that an entity takes among tables, views, indexes, sequences and composite types, which share them in a schema. */
export function relationNames(entity: Entity | undefined): string[] {
  switch (entity?.part) {
    case 'table':
    case 'view':
    case 'sequence':
    case 'composite':
    case 'enum':
    case 'domain':
    case 'range':
      return [qualifiedName(entity.value.schema, entity.value.name)]
    case 'index':
      return [qualifiedName(entity.whole.schema, entity.value.name)]
    case 'constraint':
      return ['check', 'foreignKey'].includes(entity.value.type)
        ? []
        : [qualifiedName(entity.whole.schema, entity.value.name)]
    case 'column': {
      const counter = entity.value.identity ?? entity.value.serial
      return counter ? [qualifiedName(counter.schema, counter.name)] : []
    }
    default:
      return []
  }
}
