import { type Answers, lastOf } from '../pool/answer.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import type { Flown } from '../pool/flown.ts'
import type { Statement } from '../pool/statement.ts'
import type { FactsCache } from '../pool/statement-facts.ts'

/** What the server knows a transaction by; enough to ask later, on another connection, what became of it. */
export interface TransactionMark {
  /** Its id, 64 bits in decimal. */
  readonly xid: string
  /** When the server said so: seconds of its clock since 1970. */
  readonly markedAt: number
  /** Which history of the server it belongs to; a promoted standby begins another. */
  readonly timeline: string
}

const QUESTION = `select pg_current_xact_id_if_assigned()::text as xid,
  extract(epoch from clock_timestamp())::float8 as marked_at,
  case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) end as timeline`

interface Reply {
  readonly xid: string | null
  readonly marked_at: number
  readonly timeline: string | null
}

/**
 * Learns the id of one transaction, so that a COMMIT whose answer is lost can be resolved. The question rides behind each statement that may
 * write, until there is an id: it costs no round trip, and the answer has arrived before COMMIT is sent.
 *
 * @see pg_xact_status in the PostgreSQL documentation, "Transaction ID and Snapshot Information Functions"
 */
export class TransactionWatch {
  readonly #facts: FactsCache
  readonly #question: Statement
  #mark: TransactionMark | undefined
  #mayNotify = false

  constructor(facts: FactsCache) {
    this.#facts = facts
    this.#question = { text: QUESTION, facts: facts.of(QUESTION) }
  }

  /** Undefined if nothing was written. */
  get mark(): TransactionMark | undefined {
    return this.#mark
  }

  /** Whether a lost COMMIT could have had an effect although no id is known: notifications get theirs with COMMIT. */
  get mayNotify(): boolean {
    return this.#mayNotify
  }

  /** These parts, with the question behind them if it has to be asked. */
  accompany(parts: readonly FlightPart[]): readonly FlightPart[] {
    if (this.#mark !== undefined || !parts.some((part) => this.#mayWrite(part))) return parts
    return [...parts, this.#question]
  }

  /** Takes the answer to the question off what came back. */
  note(asked: readonly FlightPart[], parts: readonly FlightPart[], flown: Flown): Flown {
    if (asked === parts) return flown
    if (flown.failure === undefined) this.#learn(flown.answers)
    return { answers: flown.answers.slice(0, -1), failure: flown.failure }
  }

  #learn(answers: Answers): void {
    const { xid, marked_at, timeline } = lastOf(answers).rows[0] as Reply
    if (xid !== null && timeline !== null)
      this.#mark = { xid, markedAt: Number(marked_at), timeline }
  }

  #mayWrite(part: FlightPart): boolean {
    if (!('text' in part) || part.safeRead === true) return false
    const { mayWrite, notifies } = part.facts ?? this.#facts.of(part.text)
    if (notifies) this.#mayNotify = true
    return mayWrite
  }
}
