import type { QueryResult } from 'kysely'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import type { NPlusOneFound } from '../pool/events.ts'
import type { ModelsByName } from '../rewrite/sources.ts'
import { sourcesOf } from '../rewrite/sources.ts'
import type {
  QueryWatch,
  UnitWatch,
  WatchedQuery,
  WatchSurroundings,
} from '../session/query-watch.ts'
import { captureCallSite } from '../time/call-site.ts'
import { Ahead } from './ahead.ts'
import { keyOf } from './key-of.ts'
import { conditionOf, type Lookup, lookupOf } from './lookup.ts'
import { type Edge, edgeOf } from './missing-load.ts'

/**
 * What becomes of a query that is repeated for each row: it is told of (`log`: the event `nPlusOne`, or a warning of the process if nobody
 * listens), refused (`throw`), or answered together with those for the other rows (`batch`, which tells of it too).
 */
export type NPlusOneMode = 'off' | 'log' | 'throw' | 'batch'

/** So many queries of one kind, each for another row of one result, are taken for a pattern. */
const REPEATED = 3
/** How many earlier results are looked through. */
const REMEMBERED = 8
/** The frames between a query and the caller that built it. */
const FRAMES = 30
const NO_CTES: ReadonlySet<string> = new Set()

/**
 * Notices in sessions that one query is repeated for each row of an earlier result, where one `load` would do: queries that differ in the
 * value of one key alone, when every value stands in one column of an earlier result. Values that come from elsewhere are no sign.
 *
 * @param mode 'off' watches nothing and costs nothing
 * @returns what `createEngine({ watch })` takes
 * @see the Bullet and Prosopite libraries of Ruby on Rails for the idea
 */
export function nPlusOne(mode: NPlusOneMode): QueryWatch | undefined {
  if (mode === 'off') return undefined
  const shapes = new WeakMap<object, ShapeFacts>()
  const byName = new WeakMap<object, ModelsByName>()
  return {
    forUnit({ models, events }) {
      const known =
        byName.get(models) ?? new Map(Object.values(models).map((one) => [one.name, one]))
      byName.set(models, known)
      return new NPlusOneWatch({ mode, models: known, events, shapes })
    },
  }
}

/** What is the same for all queries of one shape. */
interface ShapeFacts {
  readonly lookup: Lookup | undefined
  /** What its rows are of. */
  readonly model: Model | undefined
}

interface WatchParts extends Pick<WatchSurroundings, 'events'> {
  readonly mode: NPlusOneMode
  readonly models: ModelsByName
  readonly shapes: WeakMap<object, ShapeFacts>
}

/** An earlier result; it is not kept for being looked through. */
interface EarlierResult {
  readonly rows: WeakRef<readonly Record<string, unknown>[]>
  readonly model: Model | undefined
}

/** Where the values of a repeated query come from. */
interface Origin {
  readonly model: Model | undefined
  readonly column: string
  /** All of the column's, by their keys. */
  readonly values: ReadonlyMap<string, unknown>
  /** The relation that the queries follow. */
  readonly edge: Edge | undefined
}

/** The queries of one shape. */
class Repetition {
  /** The values since the last time that their origin was found. */
  readonly values = new Map<string, unknown>()
  origin: Origin | undefined
  ahead: Ahead | undefined
  told = false
}

class NPlusOneWatch implements UnitWatch {
  readonly #parts: WatchParts
  readonly #repetitions = new Map<object, Repetition>()
  readonly #earlier: EarlierResult[] = []

  constructor(parts: WatchParts) {
    this.#parts = parts
  }

  run<Row>(query: WatchedQuery<Row>): Promise<QueryResult<Row>> {
    const { compiled, shape } = query
    if (compiled.query.kind !== 'SelectQueryNode') {
      // What was read ahead may have been changed.
      for (const repetition of this.#repetitions.values()) repetition.ahead = undefined
      return query.send()
    }
    const { lookup, model } = this.#factsOf(query)
    if (lookup === undefined) return this.#send(query, model)
    const repetition = this.#repetitionOf(shape)
    const value: unknown = conditionOf(compiled.query, lookup).rightOperand.value
    const found = this.#look(repetition, value, lookup)
    if (found !== undefined && !repetition.told) {
      repetition.told = true
      const finding = findingOf(found, lookup)
      if (this.#parts.mode === 'throw') return Promise.reject(refusal(finding))
      this.#tell(finding)
    }
    const { origin } = repetition
    if (this.#parts.mode !== 'batch' || origin === undefined || !origin.values.has(keyOf(value)))
      return this.#send(query, model)
    if (repetition.ahead?.part !== query.part) {
      repetition.ahead = Ahead.over(query, lookup)
      if (repetition.ahead === undefined) return this.#send(query, model)
    }
    return repetition.ahead.take(query, keyOf(value), origin.values)
  }

  async #send<Row>(query: WatchedQuery<Row>, model: Model | undefined): Promise<QueryResult<Row>> {
    const result = await query.send()
    if (result.rows.length >= REPEATED) {
      this.#earlier.push({
        rows: new WeakRef(result.rows as readonly Record<string, unknown>[]),
        model,
      })
      if (this.#earlier.length > REMEMBERED) this.#earlier.shift()
    }
    return result
  }

  /** Notes a value; the origin of the values if it is found now. */
  #look(repetition: Repetition, value: unknown, lookup: Lookup): Origin | undefined {
    const { values, origin } = repetition
    const key = keyOf(value)
    if (origin?.values.has(key) === true) return origin
    if (value === null || value === undefined) return undefined
    values.set(key, value)
    if (values.size < REPEATED || !isPowerOfTwo(values.size - REPEATED + 1)) return undefined
    const found = this.#originOf(values, lookup)
    if (found === undefined) return undefined
    values.clear()
    repetition.origin = found
    repetition.ahead = undefined
    return found
  }

  /** The column that holds all of the values; one that a relation leads from before any other. */
  #originOf(wanted: ReadonlyMap<string, unknown>, lookup: Lookup): Origin | undefined {
    let other: Origin | undefined
    for (const { rows: kept, model } of this.#earlier.toReversed()) {
      const rows = kept.deref()
      const [first] = rows ?? []
      if (rows === undefined || first === undefined || rows.length < wanted.size) continue
      for (const column of Object.keys(first)) {
        const values = valuesIn(rows, column)
        if (![...wanted.keys()].every((key) => values.has(key))) continue
        const edge = model && edgeOf({ model, column }, lookup, this.#parts.models)
        if (edge !== undefined) return { model, column, values, edge }
        other ??= { model, column, values, edge }
      }
    }
    return other
  }

  #tell(finding: NPlusOneFound): void {
    const { events } = this.#parts
    if (events.has('nPlusOne')) events.emit('nPlusOne', finding)
    else process.emitWarning(describe(finding), 'AquiferWarning')
  }

  #repetitionOf(shape: object): Repetition {
    let repetition = this.#repetitions.get(shape)
    if (repetition === undefined) {
      repetition = new Repetition()
      this.#repetitions.set(shape, repetition)
    }
    return repetition
  }

  #factsOf({ shape, compiled }: WatchedQuery<unknown>): ShapeFacts {
    const { shapes, models } = this.#parts
    let facts = shapes.get(shape)
    if (facts === undefined) {
      const [source] = sourcesOf(compiled.query, models, NO_CTES)
      facts = { lookup: lookupOf(compiled.query, models), model: source?.model }
      shapes.set(shape, facts)
    }
    return facts
  }
}

function findingOf({ model, edge }: Origin, lookup: Lookup): NPlusOneFound {
  return {
    model: model?.name,
    relation: edge?.relation,
    target: lookup.model.name,
    column: lookup.column,
    load: edge && `load('${edge.model}', { ${edge.relation}: true })`,
    at: captureCallSite(FRAMES).toString(),
  }
}

function valuesIn(rows: readonly Record<string, unknown>[], column: string): Map<string, unknown> {
  const values = new Map<string, unknown>()
  for (const row of rows) {
    const value = row[column]
    if (value !== null && value !== undefined) values.set(keyOf(value), value)
  }
  return values
}

/** So that a loop over values of no origin is looked into ever more rarely. */
function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0
}

function describe({ model, target, column, load, at }: NPlusOneFound): string {
  const rows = model === undefined ? 'an earlier result' : `an earlier result of ${model}`
  const advice =
    load === undefined
      ? `read them at once with where('${column}', 'in', ...), or declare the relation and load it`
      : `load them with it: .$call(${load})`
  return `${target} are read by ${column} once for each row of ${rows}, ${at}: ${advice}`
}

function refusal(finding: NPlusOneFound): UsageError {
  return new UsageError('N_PLUS_ONE', describe(finding))
}
