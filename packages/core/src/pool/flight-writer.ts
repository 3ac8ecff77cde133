import pg from 'pg'
import { DataError } from '../errors/data-error.ts'
import { Answer } from './answer.ts'
import { Description, type PreparedStatements } from './prepared-statements.ts'
import type { ReaderFactory } from './row-reader.ts'
import type { Portal, Statement } from './statement.ts'
import type { FactsCache, StatementFacts } from './statement-facts.ts'
import { assertSendable, type WireValue, WireWriter } from './wire.ts'

/** Brings the next rows of a result that an earlier flight of the transaction has left open. */
export interface Fetch {
  readonly fetch: Portal
  readonly description: Description
  readonly rows: ReaderFactory
  /** Running its statement twice does no harm. */
  readonly safeRead: boolean
}

/** Closes such a result. */
export interface ClosePortal {
  readonly closePortal: string
}

/** What travels in a flight. */
export type FlightPart = Statement | Fetch | ClosePortal

/** A flight ready to be sent. */
export interface WrittenFlight {
  readonly bytes: Buffer
  /** A text of several statements, in the protocol that alone takes it. */
  readonly simple: boolean
  /** Where the answers come in; empty for a text of several statements, which has as many as it has statements. */
  readonly answers: Answer[]
  /** The texts that were sent by name, by the place of their answer. */
  readonly named: readonly (string | undefined)[]
  /** The columns of the portal that it opens. */
  readonly opened: Description | undefined
}

interface Prepared {
  readonly utils: { prepareValue(value: unknown): WireValue }
}

const { prepareValue } = (pg as unknown as Prepared).utils
const NO_VALUES: readonly WireValue[] = []
const NOT_THERE = 'aquifer_0'

/** Writes flights for one connection: what is prepared there goes by its name, the rest as text. */
export class FlightWriter {
  readonly #wire = new WireWriter()
  readonly #prepared: PreparedStatements
  readonly #facts: FactsCache

  constructor(prepared: PreparedStatements, facts: FactsCache) {
    this.#prepared = prepared
    this.#facts = facts
  }

  /**
   * Puts `parts` under one Sync.
   *
   * @param early lets the server answer something at once, so that a dead connection shows
   * @throws {DataError} `PARAMETER_INVALID` or `STATEMENT_INVALID`; nothing was written then
   */
  write(parts: readonly FlightPart[], early = false): WrittenFlight {
    const values = parts.map((part) => ('text' in part ? wireValuesOf(part) : NO_VALUES))
    const [first] = parts
    if (parts.length === 1 && first !== undefined && 'text' in first && this.isSeveral(first))
      return this.#simple(first)

    const forgotten = this.#prepared.takeForgotten()
    try {
      // To close what is not there needs no lock and no transaction: only the server that is gone does not answer it.
      if (early) this.#wire.closeStatement(NOT_THERE).flush()
      for (const name of forgotten) this.#wire.closeStatement(name)
      return this.#extended(parts, values)
    } catch (error) {
      // Nothing of it may go out in front of the next flight.
      this.#wire.clear()
      throw error
    }
  }

  #extended(
    parts: readonly FlightPart[],
    values: readonly (readonly WireValue[])[],
  ): WrittenFlight {
    const answers: Answer[] = []
    const named: (string | undefined)[] = []
    let opened: Description | undefined
    for (const [at, part] of parts.entries()) {
      if ('closePortal' in part) this.#wire.closePortal(part.closePortal)
      else if ('fetch' in part) answers.push(this.#fetch(part))
      else if (part.portal !== undefined) {
        opened = new Description()
        answers.push(this.#portal(part, part.portal, values[at] ?? NO_VALUES, opened))
      } else {
        const { answer, name } = this.#statement(part, values[at] ?? NO_VALUES)
        named[answers.length] = name === '' ? undefined : part.text
        answers.push(answer)
      }
    }
    this.#wire.sync()
    return { bytes: this.#wire.take(), simple: false, answers, named, opened }
  }

  /** Whether it is a text of several statements, which can only travel alone. */
  isSeveral(part: FlightPart): boolean {
    if (!('text' in part) || part.portal !== undefined) return false
    const { text, values = [], facts } = part
    return values.length === 0 && this.#factsOf(text, facts).several
  }

  /** Ends a COPY that waits for data. In the extended protocol its Sync was swallowed, so that it needs another. */
  copyFail(simple: boolean): Buffer {
    this.#wire.copyFail('the data of a COPY come from a copy stream')
    return (simple ? this.#wire : this.#wire.sync()).take()
  }

  #simple({ text }: Statement): WrittenFlight {
    return {
      bytes: this.#wire.query(text).take(),
      simple: true,
      answers: [],
      named: [],
      opened: undefined,
    }
  }

  #statement({ text, rows, facts }: Statement, values: readonly WireValue[]) {
    const statementFacts = this.#factsOf(text, facts)
    statementFacts.uses += 1
    const known = this.#prepared.find(text)
    const prepared = known ?? this.#prepared.add(statementFacts)
    const name = prepared?.name ?? ''
    const answer = new Answer(rows, prepared)
    if (known === undefined) this.#wire.parse(name, text)
    this.#wire.bind('', name, values)
    if (prepared?.fields === undefined) this.#wire.describePortal('')
    this.#wire.execute('', 0)
    return { answer, name }
  }

  #portal(
    { text, rows }: Statement,
    portal: Portal,
    values: readonly WireValue[],
    opened: Description,
  ): Answer {
    this.#wire.parse('', text).bind(portal.name, '', values).describePortal(portal.name)
    this.#wire.execute(portal.name, portal.maxRows)
    return new Answer(rows, opened)
  }

  #fetch({ fetch, description, rows }: Fetch): Answer {
    this.#wire.execute(fetch.name, fetch.maxRows)
    return new Answer(rows, description)
  }

  #factsOf(text: string, facts: StatementFacts | undefined): StatementFacts {
    return facts ?? this.#facts.of(text)
  }
}

/** The parameters of a statement as they travel. */
function wireValuesOf({ text, values, facts }: Statement): readonly WireValue[] {
  // A text that was sent before has been looked at before.
  if ((facts === undefined || facts.uses === 0) && text.includes('\0')) {
    throw new DataError(
      'STATEMENT_INVALID',
      'the text of the statement holds a NUL character, at which the server would stop reading; nothing was sent',
    )
  }
  if (values === undefined || values.length === 0) return NO_VALUES
  const converted = converting(() => values.map((value) => prepareValue(value)))
  assertSendable(converted)
  return converted
}

function converting(convert: () => WireValue[]): WireValue[] {
  try {
    return convert()
  } catch (error) {
    throw new DataError(
      'PARAMETER_INVALID',
      'a parameter could not be converted for the server; nothing was sent. The cause says why',
      { cause: error },
    )
  }
}
