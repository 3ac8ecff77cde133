import { carriers } from './carriers.ts'
import type { Comparison, Fate } from './compare.ts'
import { makeAgain } from './crafts.ts'
import { dropOf } from './drop.ts'
import type { Entity, Site } from './entity.ts'
import { extendEnum } from './extend-enum.ts'
import { goneBeforeRenames } from './gone-before-renames.ts'
import type { Operation } from './operation.ts'
import {
  EARLY,
  EXTEND,
  RENAME,
  rankOfChange,
  rankOfComment,
  rankOfDrop,
  rankOfMake,
} from './rank.ts'
import { relationNames } from './relation-names.ts'
import { convertedColumns, isType, replaceTypes } from './replace-type.ts'
import type { Step } from './step.ts'
import { together } from './together.ts'

/** The steps from one side of a comparison to the other, each knowing which ones come before it. */
export function stepsOf(
  comparison: Comparison,
  planAll: (comparison: Comparison) => readonly Operation[],
): Step[] {
  const steps = new Steps(comparison)
  steps.drop()
  steps.change(planAll)
  steps.make()
  steps.connect()
  steps.rename()
  return steps.all
}

class Steps {
  readonly all: Step[] = []
  readonly #comparison: Comparison
  /** Under the ids of all objects that a step drops, changes or makes. */
  readonly #drops = new Map<string, Step>()
  readonly #changes = new Map<string, Step[]>()
  readonly #makes = new Map<string, Step>()
  readonly #early = new Set<Step>()

  constructor(comparison: Comparison) {
    this.#comparison = comparison
  }

  drop(): void {
    const { before, fates, online } = this.#comparison
    const going = (fate: Fate) => fate === 'drop' || fate === 'remake'
    const { carrierOf, partsOf } = carriers(before, fates, going)
    const site: Site = { online, isNew: (owner) => going(fates.get(owner) ?? 'same') }
    const early = goneBeforeRenames(this.#comparison)
    for (const entity of this.#withFate(before, going)) {
      if (carrierOf(entity.id) !== entity.id || isInherited(entity)) continue
      const again = fates.get(entity.id) === 'remake'
      if (early.has(entity.id)) {
        this.#dropEarly(entity, partsOf(entity.id), site)
        continue
      }
      const parts = partsOf(entity.id)
      const operation = dropOf(entity, parts, site, again)
      const step = this.#add(entity.id, rankOfDrop(entity, operation, again), [operation])
      for (const { id } of [entity, ...parts]) this.#drops.set(id, step)
    }
  }

  #dropEarly(entity: Entity, parts: readonly Entity[], site: Site): void {
    const original = (each: Entity) => this.#comparison.renames?.originals.get(each.id) ?? each
    const again = this.#comparison.fates.get(entity.id) === 'remake'
    const operation = dropOf(original(entity), parts.map(original), site, again)
    const step = this.#add(entity.id, EARLY, [operation])
    this.#early.add(step)
    for (const { id } of [entity, ...parts]) this.#drops.set(id, step)
  }

  /** Renames stand between what has to be gone by then and all the rest. */
  rename(): void {
    const { renames } = this.#comparison
    if (!renames) return
    const rest = this.all.filter((step) => !this.#early.has(step))
    const step = this.#add('', RENAME, renames.operations)
    for (const early of this.#early) follow(step, early)
    for (const later of rest) follow(later, step)
  }

  change(planAll: (comparison: Comparison) => readonly Operation[]): void {
    const { before, after, changes, comments } = this.#comparison
    for (const entity of this.#withFate(after, (fate) => fate === 'change')) {
      const operations = changes.get(entity.id) ?? []
      this.#changed(entity.id, this.#add(entity.id, rankOfChange(entity, operations), operations))
    }
    for (const entity of this.#withFate(after, (fate) => fate === 'extend')) {
      if (entity.part !== 'enum') continue
      const operation = extendEnum(this.#comparison, entity, planAll)
      this.#changed(entity.id, this.#add(entity.id, EXTEND, [operation]))
    }
    const replaced = this.#withFate(before, (fate) => fate === 'replace').filter(isType)
    for (const ids of together(replaced)) {
      const operation = replaceTypes(this.#comparison, ids)
      const first = before.get(ids[0] ?? '')
      const step = this.#add(ids.join(), first ? rankOfChange(first, [operation]) : 0, [operation])
      // What uses a converted column stands aside as well.
      const columns = convertedColumns(this.#comparison, new Set(ids))
      for (const id of [...ids, ...columns.map((column) => column.id)]) this.#changed(id, step)
    }
    for (const [id, operations] of comments) {
      this.#changed(id, this.#add(id, rankOfComment(), operations))
    }
  }

  make(): void {
    const { before, after, fates, online } = this.#comparison
    const coming = (fate: Fate) => fate === 'make' || fate === 'remake'
    const { carrierOf, partsOf } = carriers(after, fates, coming)
    const site: Site = { online, isNew: (owner) => coming(fates.get(owner) ?? 'same') }
    for (const entity of this.#withFate(after, coming)) {
      if (carrierOf(entity.id) !== entity.id || isInherited(entity)) continue
      const parts = partsOf(entity.id)
      const operation = makeAgain(entity, site, parts, before.get(entity.id))
      const step = this.#add(entity.id, rankOfMake(entity, operation), [operation])
      for (const { id } of [entity, ...parts]) this.#makes.set(id, step)
    }
  }

  connect(): void {
    const { before, after } = this.#comparison
    for (const [id, step] of this.#makes) {
      this.#afterNeeds(step, after.get(id))
      follow(step, this.#drops.get(id))
    }
    for (const [id, steps] of this.#changes) {
      for (const step of steps) {
        this.#afterNeeds(step, after.get(id))
        // Whoever stops to need something does so before that is gone, or another.
        const needed = new Set(after.get(id)?.needs)
        for (const need of before.get(id)?.needs ?? []) {
          if (this.#drops.get(need) !== this.#drops.get(id)) follow(this.#drops.get(need), step)
          if (needed.has(need)) continue
          for (const change of this.#changes.get(need) ?? []) follow(change, step)
        }
      }
    }
    for (const [id, step] of this.#drops) {
      for (const need of before.get(id)?.needs ?? []) {
        if (this.#drops.get(need) !== step) follow(this.#drops.get(need), step)
        for (const change of this.#changes.get(need) ?? []) follow(change, step)
      }
    }
    this.#freeNames()
  }

  #afterNeeds(step: Step, entity: Entity | undefined): void {
    for (const need of entity?.needs ?? []) {
      follow(step, this.#makes.get(need))
      // What a table is set to may itself need a part of it.
      if (need === entity?.owner && need.startsWith('table ')) continue
      for (const change of this.#changes.get(need) ?? []) follow(step, change)
    }
  }

  /** A name has to be free before something else gets it. */
  #freeNames(): void {
    const { before, after } = this.#comparison
    const holders = new Map<string, Step>()
    for (const [id, step] of this.#drops) {
      for (const name of relationNames(before.get(id))) holders.set(name, step)
    }
    for (const [id, step] of this.#makes) {
      for (const name of relationNames(after.get(id))) follow(step, holders.get(name))
    }
  }

  #add(key: string, rank: number, operations: readonly Operation[]): Step {
    const step: Step = { key, rank, operations, after: new Set() }
    this.all.push(step)
    return step
  }

  #changed(id: string, step: Step): void {
    const found = this.#changes.get(id)
    if (found) found.push(step)
    else this.#changes.set(id, [step])
  }

  #withFate(entities: ReadonlyMap<string, Entity>, has: (fate: Fate) => boolean): Entity[] {
    return [...entities.values()].filter(({ id }) => has(this.#comparison.fates.get(id) ?? 'same'))
  }
}

function follow(later: Step | undefined, earlier: Step | undefined): void {
  if (later && earlier && later !== earlier) later.after.add(earlier)
}

/** A column that comes and goes with that of a parent. */
function isInherited(entity: Entity): boolean {
  return entity.part === 'column' && entity.value.inherited
}
