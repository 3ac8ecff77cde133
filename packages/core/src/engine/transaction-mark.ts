import { type Answer, type Answers, lastOf } from '../pool/answer.ts'
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

const WRITES: ReadonlySet<string | null> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/**
 * Learns the id of one transaction, so that a COMMIT whose answer is lost can be resolved. The question rides behind each statement that may
 * write, until there is an id: it costs no round trip, and the answer has arrived before COMMIT is sent.
 *
 * @see pg_xact_status in the PostgreSQL documentation, "Transaction ID and Snapshot Information Functions"
 */
export class TransactionWatch {
  readonly #facts: FactsCache
  readonly #question: Statement
  readonly #readOnly: boolean
  #mark: TransactionMark | undefined
  /** The question has been asked, and what failed in front of it has kept it from being answered. */
  #unanswered = false
  #doubtful = false

  /** @param how.readOnly the server refuses every write, so that there will be no id */
  constructor(facts: FactsCache, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    this.#facts = facts
    this.#question = { text: QUESTION, facts: facts.of(QUESTION) }
    this.#readOnly = readOnly
  }

  /** Undefined if nothing was written. */
  get mark(): TransactionMark | undefined {
    return this.#mark
  }

  /**
   * Whether a lost COMMIT could have had an effect although no id is known: notifications get theirs with COMMIT, and what
   * was written to a foreign table has one of another server.
   */
  get doubtful(): boolean {
    return this.#doubtful
  }

  /** These parts, with the question behind them if it has to be asked. */
  accompany(parts: readonly FlightPart[]): readonly FlightPart[] {
    if (this.#mark !== undefined) return parts
    let asks = this.#unanswered
    // Each is looked at: a notification may stand behind a write.
    for (const part of parts) if (this.#mayWrite(part)) asks = true
    if (!asks || this.#readOnly) return parts
    this.#unanswered = true
    return [...parts, this.#question]
  }

  /** Takes the answer to the question off what came back. */
  note(asked: readonly FlightPart[], parts: readonly FlightPart[], flown: Flown): Flown {
    if (asked === parts) return flown
    const answers = flown.answers.slice(0, -1)
    if (flown.failure === undefined) this.#learn(lastOf(flown.answers), answers)
    return { answers, failure: flown.failure }
  }

  #learn({ rows }: Answer, answers: Answers): void {
    const { xid, marked_at, timeline } = rows[0] as Reply
    this.#unanswered = false
    if (xid !== null && timeline !== null)
      this.#mark = { xid, markedAt: Number(marked_at), timeline }
    else if (answers.some(hasWritten)) this.#doubtful = true
  }

  #mayWrite(part: FlightPart): boolean {
    if ('closePortal' in part || part.safeRead === true) return false
    // What it reads may call a function that writes.
    if ('fetch' in part) return true
    const { mayWrite, notifies } = part.facts ?? this.#facts.of(part.text)
    if (notifies) this.#doubtful = true
    return mayWrite
  }
}

function hasWritten({ command, rowCount }: Answer): boolean {
  return WRITES.has(command) && rowCount !== 0
}
