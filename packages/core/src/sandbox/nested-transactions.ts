import type { FlightPart } from '../pool/flight-writer.ts'
import type { Flown } from '../pool/flown.ts'
import { isStalePlan } from '../pool/stale-plan.ts'
import type { Statement } from '../pool/statement.ts'
import type { Control, FactsCache, StatementFacts } from '../pool/statement-facts.ts'
import { checkDeferred } from './deferred-constraints.ts'
import type { Asker, Line, OpenUnit } from './line.ts'
import { readSettings, restoreSettings, settingsIn } from './local-settings.ts'
import { answered, named, without } from './own-answers.ts'
import { release, rollbackTo, savepoint } from './own-statement.ts'
import { refusalOf } from './refusals.ts'

/**
 * The transactions of one connection of a sandbox: what it sends as BEGIN, COMMIT and ROLLBACK becomes a savepoint on the line and its end, and
 * what it sends outside of a transaction gets a savepoint of its own, so that it fails alone.
 */
export class NestedTransactions implements Asker {
  readonly #line: Line
  readonly #facts: FactsCache
  /** Keeps its portals apart from those of others on the same line. */
  readonly #id: number
  #unit: OpenUnit | undefined
  #status: 'I' | 'T' | 'E' = 'I'
  #wrote = false
  /** What SET LOCAL has set in the transaction, as it was before. */
  readonly #settings = new Map<string, string | null>()
  /** The portals of a transaction that is nothing but one stream. */
  #streamed: Set<string> | undefined

  constructor(line: Line, facts: FactsCache, id: number) {
    this.#line = line
    this.#facts = facts
    this.#id = id
  }

  /** Its savepoint on the line. */
  get unit(): OpenUnit | undefined {
    return this.#unit
  }

  /** As the server would report it on a connection of its own. */
  get status(): 'I' | 'T' | 'E' {
    return this.#status
  }

  /**
   * Sends statements that travel together. If one fails, those behind it were not run.
   *
   * @throws {SandboxError}, {DataError} before anything was sent
   */
  async fly(parts: readonly FlightPart[]): Promise<Flown> {
    const refusal = refusalOf(parts, (statement) => this.#factsOf(statement))
    if (refusal !== undefined) throw refusal
    const next = parts.findIndex((part, at) => at > 0 && this.#controls(part) !== undefined)
    if (next > 0) return this.#inTwo(parts.slice(0, next), parts.slice(next))
    const [first, ...rest] = parts
    const control = first && this.#controls(first)
    if (control === undefined) return this.#isUnit ? this.#inside(parts) : this.#alone(parts)
    if (rest.length > 0 && (control !== 'begin' || this.#status !== 'I'))
      return this.#inTwo(parts.slice(0, 1), rest)
    if (control !== 'begin') return this.#end(control)
    if (this.#status !== 'I') return answered('BEGIN')
    if (rest.some(opensPortal)) return this.#beginStream(rest)
    return this.#begin((first as Statement).text, rest)
  }

  /** Rolls back whatever is open, however long it takes until that can be done. */
  async undo(): Promise<void> {
    if (this.#status !== 'I') await this.#rollBack(true)
  }

  get #isUnit(): boolean {
    return this.#unit !== undefined
  }

  async #inTwo(first: readonly FlightPart[], second: readonly FlightPart[]): Promise<Flown> {
    const flown = await this.fly(first)
    if (flown.failure !== undefined) return flown
    const { answers, failure } = await this.fly(second)
    const all = [...flown.answers, ...answers]
    const shifted = failure && { ...failure, at: failure.at + flown.answers.length }
    return { answers: all, failure: shifted }
  }

  #begin(text: string, rest: readonly FlightPart[]): Promise<Flown> {
    return this.#line.turn(this, async () => {
      await this.#noteSettings(rest)
      const unit = this.#line.open()
      const opening = [savepoint(unit.savepoint)]
      // It holds until the end of the savepoint, as that of a transaction does.
      if (/\bread\s+only\b/i.test(text)) opening.push({ text: 'set transaction read only' })
      this.#unit = unit
      this.#status = 'T'
      this.#wrote = false
      try {
        const flown = await this.#send([...opening, ...rest])
        return named('BEGIN', without(flown, opening.length, rest))
      } catch (error) {
        // Nothing was sent, as when a parameter cannot be converted: nothing has begun.
        this.#forget(unit)
        throw error
      }
    })
  }

  /** A stream outlives what others do between its pieces, on other connections: it must not keep them from the line. */
  async #beginStream(rest: readonly FlightPart[]): Promise<Flown> {
    this.#status = 'T'
    this.#streamed = new Set()
    return named('BEGIN', await this.#alone(rest))
  }

  #inside(parts: readonly FlightPart[]): Promise<Flown> {
    return this.#line.turn(this, async () => {
      if (this.#status === 'T') await this.#noteSettings(parts)
      return this.#send(parts)
    })
  }

  /** A statement alone is a transaction: all of it or none, checked at its end. */
  #alone(parts: readonly FlightPart[]): Promise<Flown> {
    return this.#line.turn(this, async () => {
      const flown = await this.#sendAlone(parts)
      const isStale = flown.failure !== undefined && isStalePlan(flown.failure.error.cause)
      const last = isStale ? await this.#sendAlone(parts) : flown
      if (last.failure !== undefined && this.#streamed !== undefined) this.#status = 'E'
      return last
    })
  }

  async #sendAlone(parts: readonly FlightPart[]): Promise<Flown> {
    await this.#noteSettings(parts)
    const name = this.#line.nextSavepoint
    const wrote = parts.some((part) => this.#writes(part))
    const opening = [savepoint(name)]
    const closing = [...this.#closing(wrote && this.#line.depth === 0), release(name)]
    const flown = this.#isSeveral(parts)
      ? await this.#sendApart(opening, parts, closing)
      : without(await this.#send([...opening, ...parts, ...closing]), 1, parts)
    if (flown.failure !== undefined) await this.#send([rollbackTo(name), release(name)])
    this.#settings.clear()
    return flown
  }

  /** A text of several statements has several answers, and a protocol that takes nothing beside it. */
  async #sendApart(
    opening: readonly FlightPart[],
    parts: readonly FlightPart[],
    closing: readonly FlightPart[],
  ): Promise<Flown> {
    await this.#send(opening)
    const flown = await this.#send(parts)
    if (flown.failure !== undefined) return flown
    const { failure } = await this.#send(closing)
    return { answers: flown.answers, failure: failure && { ...failure, at: 0 } }
  }

  #end(control: Control): Promise<Flown> {
    if (this.#status === 'I') return Promise.resolve(answered(control.toUpperCase()))
    if (control === 'rollback' || this.#status === 'E') return this.#rollBack(false)
    return this.#streamed === undefined ? this.#commit() : this.#endStream('COMMIT')
  }

  #commit(): Promise<Flown> {
    return this.#line.turn(this, async () => {
      const unit = this.#unit as OpenUnit
      // What an outer unit has yet to put right is checked at its own end.
      const closing = this.#closing(this.#wrote && this.#line.depth === 1)
      const { failure } = await this.#send([...closing, release(unit.savepoint)])
      if (failure !== undefined) {
        await this.#send([rollbackTo(unit.savepoint), release(unit.savepoint)])
        this.#forget(unit)
        return { answers: [], failure: { error: failure.error, at: 0 } }
      }
      this.#forget(unit)
      return answered('COMMIT')
    })
  }

  #rollBack(patient: boolean): Promise<Flown> {
    const unit = this.#unit
    if (unit === undefined) return this.#endStream('ROLLBACK')
    const back = async () => {
      const { failure } = await this.#send([rollbackTo(unit.savepoint), release(unit.savepoint)])
      if (failure !== undefined) return { answers: [], failure: { ...failure, at: 0 } }
      this.#forget(unit)
      return answered('ROLLBACK')
    }
    return this.#line.turn(this, back, patient)
  }

  #endStream(command: string): Promise<Flown> {
    const portals = [...(this.#streamed ?? [])].map((closePortal) => ({ closePortal }))
    this.#streamed = undefined
    this.#status = 'I'
    const close = async () => {
      if (portals.length > 0) await this.#line.lease.flyThrough(portals)
      return answered(command)
    }
    return this.#line.turn(this, close, true)
  }

  async #send(parts: readonly FlightPart[]): Promise<Flown> {
    const { lease } = this.#line
    const own = parts.map((part) => this.#withOwnPortal(part))
    const flown = await lease.flyThrough(own)
    if (this.#isUnit) this.#status = lease.transactionStatus === 'E' ? 'E' : 'T'
    this.#wrote ||= parts.some((part) => this.#writes(part))
    return flown
  }

  #forget(unit: OpenUnit): void {
    this.#line.close(unit)
    this.#unit = undefined
    this.#settings.clear()
    this.#status = 'I'
  }

  async #noteSettings(parts: readonly FlightPart[]): Promise<void> {
    const names = parts.flatMap(settingsIn).filter((name) => !this.#settings.has(name))
    if (names.length === 0) return
    const { answers } = await this.#line.lease.flyThrough([readSettings(names)])
    const rows = (answers[0]?.rows ?? []) as { name: string; value: string | null }[]
    for (const { name, value } of rows) this.#settings.set(name, value)
  }

  /** What a COMMIT does besides to keep the rows: it checks, and ends what SET LOCAL has set. */
  #closing(checks: boolean): readonly Statement[] {
    const restored = this.#settings.size === 0 ? [] : [restoreSettings(this.#settings)]
    return checks ? [checkDeferred, ...restored] : restored
  }

  #withOwnPortal(part: FlightPart): FlightPart {
    const own = (name: string) => `${name}_${this.#id}`
    if ('closePortal' in part) return { closePortal: own(part.closePortal) }
    if ('fetch' in part) return { ...part, fetch: { ...part.fetch, name: own(part.fetch.name) } }
    if (part.portal === undefined) return part
    this.#streamed?.add(own(part.portal.name))
    return { ...part, portal: { ...part.portal, name: own(part.portal.name) } }
  }

  #controls(part: FlightPart): Control | undefined {
    if (!('text' in part)) return undefined
    const { control } = this.#factsOf(part)
    return control === 'undo' ? undefined : control
  }

  #writes(part: FlightPart): boolean {
    return 'text' in part && part.safeRead !== true && this.#factsOf(part).mayWrite
  }

  #isSeveral([first, ...others]: readonly FlightPart[]): boolean {
    if (first === undefined || others.length > 0 || !('text' in first)) return false
    return this.#factsOf(first).several
  }

  #factsOf({ text, facts }: Statement): StatementFacts {
    return facts ?? this.#facts.of(text)
  }
}

function opensPortal(part: FlightPart): boolean {
  return 'text' in part && part.portal !== undefined
}
