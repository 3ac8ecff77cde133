import { columns, defaults } from './columns.ts'
import { comment } from './comments.ts'
import { composites, ranges } from './composites.ts'
import { constraints } from './constraints.ts'
import type { Change, Craft } from './craft.ts'
import { afterIndexes } from './create-table.ts'
import { domainChecks, domains } from './domains.ts'
import type { Entity, Site } from './entity.ts'
import { enums } from './enums.ts'
import { grantAgain } from './grants.ts'
import { indexes } from './indexes.ts'
import { oneSpelling } from './one-spelling.ts'
import { type Operation, operation } from './operation.ts'
import { policies } from './policies.ts'
import { routines } from './routines.ts'
import { extensions, schemas } from './schemas.ts'
import { sequences } from './sequences.ts'
import { tables } from './tables.ts'
import { triggers } from './triggers.ts'
import { views } from './views.ts'

const CRAFTS: { readonly [Name in Entity['part']]: Craft<Name> } = {
  schema: schemas,
  extension: extensions,
  enum: enums,
  domain: domains,
  composite: composites,
  range: ranges,
  sequence: sequences,
  routine: routines,
  table: tables,
  column: columns,
  default: defaults,
  constraint: constraints,
  domainCheck: domainChecks,
  index: indexes,
  view: views,
  trigger: triggers,
  policy: policies,
}

/** The same craft for an entity of which only the compiler does not know what it is. */
function craftOf(entity: Entity): Craft<Entity['part']> {
  return CRAFTS[entity.part] as unknown as Craft<Entity['part']>
}

/** Whether two entities of one id are of one state, beside their comments. */
export function sameState(before: Entity, after: Entity): boolean {
  if (before.part !== after.part) return false
  if (before.part === 'column' && after.part === 'column') {
    if (before.value.inherited || after.value.inherited) return true
  }
  const [from, to] = [craftOf(before).state(before), craftOf(after).state(after)]
  const [a, b] = [JSON.stringify(from), JSON.stringify(to)]
  return a === b || oneSpelling(a) === oneSpelling(b)
}

/** How one state becomes the other. An object of another sort takes the place of the old one. */
export function changeOf(before: Entity, after: Entity, site: Site): Change {
  if (before.part !== after.part) return before.object.kind === 'type' ? 'replace' : 'remake'
  return craftOf(after).change(before, after, site)
}

/** Makes an entity with those parts that go along, and says what is said of them. */
export function make(entity: Entity, site: Site, parts: readonly Entity[]): Operation {
  const made = craftOf(entity).make(entity, site, parts)
  const along = parts.flatMap((part) => statementsAlong(entity, part, parts, site))
  const last = entity.part === 'table' ? afterIndexes(entity.value) : []
  const said = [entity, ...parts].flatMap((each) => {
    if (each.comment === undefined) return []
    return [comment(craftOf(each).subject(each), each.comment)]
  })
  return { ...made, sql: [...made.sql, ...along, ...last, ...said] }
}

/** Makes an entity that was there under the same name, with what others may do with it. */
export function makeAgain(
  entity: Entity,
  site: Site,
  parts: readonly Entity[],
  former: Entity | undefined,
): Operation {
  const made = make(entity, site, parts)
  const subject = craftOf(entity).subject(entity)
  // GRANT knows no views, and aggregates as functions.
  const grantee = subject.replace(/^(materialized )?view /, '').replace(/^aggregate /, 'function ')
  return { ...made, sql: [...made.sql, ...grantAgain(former, grantee)] }
}

/** The statements of a part that the statement of its whole cannot contain. */
function statementsAlong(
  entity: Entity,
  part: Entity,
  parts: readonly Entity[],
  site: Site,
): readonly string[] {
  if (part.part === 'domainCheck' || part.part === 'default') return []
  if (entity.part === 'table' && (part.part === 'column' || part.part === 'constraint')) return []
  return craftOf(part).make(part, site, parts).sql
}

/** Says something else of an entity that is there. */
export function changeComment(before: Entity, after: Entity): Operation[] {
  if (before.comment === after.comment) return []
  const subject = craftOf(after).subject(after)
  const sql = [comment(subject, after.comment)]
  const statements = { sql, down: [comment(subject, before.comment)] }
  return [operation('setComment', after.object, statements, { lock: null })]
}
