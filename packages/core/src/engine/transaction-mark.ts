import type { Answer, Answers } from '../pool/answer.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import { countAnswers, type Flown } from '../pool/flown.ts'
import type { Statement } from '../pool/statement.ts'
import type { FactsCache } from '../pool/statement-facts.ts'
import { isRefusal } from './refusal.ts'

/** What the server knows a transaction by; enough to ask later, on another connection, what became of it. */
export interface TransactionMark {
  /** Its id, 64 bits in decimal. */
  readonly xid: string
  /** When the server said so: seconds of its clock since 1970. */
  readonly markedAt: number
  /** Which history of the server it belongs to; a promoted standby begins another. */
  readonly timeline: string
}

/** Sends statements that travel together; a failure comes along with the answers before it. */
export type SendFlight = (parts: readonly FlightPart[]) => Promise<Flown>

const QUESTION = `select pg_current_xact_id_if_assigned()::text as xid,
  extract(epoch from clock_timestamp())::float8 as marked_at,
  case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) end as timeline`

interface Reply {
  readonly xid: string | null
  readonly marked_at: number
  readonly timeline: string | null
}

const WRITES: ReadonlySet<string | null> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** The server lets a transaction that has read nothing yet change its mind. */
const LIFTS_READ_ONLY = /\bread\s+write\b|\btransaction_read_only\b/i

const BEFORE_QUESTION: Statement = { text: 'savepoint aquifer_mark' }
const BEHIND_QUESTION: Statement = { text: 'release savepoint aquifer_mark' }
const UNDO_QUESTION: readonly Statement[] = [
  { text: 'rollback to savepoint aquifer_mark' },
  BEHIND_QUESTION,
]

/**
 * Whether the server of an engine answers the question for a transaction's id. Not every role may ask it, and not every server that speaks the
 * protocol knows it. Until it has been answered once it travels in a savepoint, so that its refusal undoes nobody's writes.
 */
export class TransactionMarks {
  readonly facts: FactsCache
  readonly question: Statement
  answers: 'untried' | 'yes' | 'no' = 'untried'

  constructor(facts: FactsCache) {
    this.facts = facts
    this.question = { text: QUESTION, facts: facts.of(QUESTION) }
  }

  /** @param how.readOnly the server refuses every write, so that there will be no id */
  watch(how: { readonly readOnly?: boolean } = {}): TransactionWatch {
    return new TransactionWatch(this, how)
  }
}

/**
 * Learns the id of one transaction, so that a COMMIT whose answer is lost can be resolved. The question rides behind each statement that may
 * write, until there is an id: it costs no round trip, and the answer has arrived before COMMIT is sent.
 *
 * @see pg_xact_status in the PostgreSQL documentation, "Transaction ID and Snapshot Information Functions"
 */
export class TransactionWatch {
  readonly #marks: TransactionMarks
  #readOnly: boolean
  #mark: TransactionMark | undefined
  /** The question has been asked, and what failed in front of it has kept it from being answered. */
  #unanswered = false
  #doubtful = false

  constructor(marks: TransactionMarks, { readOnly = false }: { readonly readOnly?: boolean }) {
    this.#marks = marks
    this.#readOnly = readOnly
  }

  /** Undefined if nothing was written, or the server does not tell. */
  get mark(): TransactionMark | undefined {
    return this.#mark
  }

  /**
   * Whether a lost COMMIT could have had an effect although no id is known: notifications get theirs with COMMIT, what was written to a foreign
   * table has one of another server, and there are servers that do not tell.
   */
  get doubtful(): boolean {
    return this.#doubtful
  }

  /** Sends these parts, with the question behind them if it has to be asked; what comes back is about the parts alone. */
  async send(parts: readonly FlightPart[], send: SendFlight): Promise<Flown> {
    if (!this.#asksBehind(parts)) return send(parts)
    const isFirst = this.#marks.answers === 'untried'
    const { question } = this.#marks
    const asking = isFirst ? [BEFORE_QUESTION, question, BEHIND_QUESTION] : [question]
    const { answers, failure } = await send([...parts, ...asking])
    const own = countAnswers(parts)
    if (failure === undefined) {
      this.#marks.answers = 'yes'
      this.#learn(answers.at(isFirst ? -2 : -1) as Answer, answers.slice(0, own))
    } else if (failure.at >= own && isRefusal(failure.error)) {
      // Of a question that was answered before only this once; the next one is asked with care.
      this.#marks.answers = isFirst ? 'no' : 'untried'
      this.#doubtful = true
      if (isFirst) return { answers: answers.slice(0, own), failure: await undone(send, own) }
    }
    return { answers: answers.slice(0, own), failure }
  }

  #asksBehind(parts: readonly FlightPart[]): boolean {
    if (this.#mark !== undefined) return false
    let asks = this.#unanswered
    // Each is looked at: a notification may stand behind a write.
    for (const part of parts) {
      if (this.#mayWrite(part)) asks = true
      if (this.#readOnly && 'text' in part && LIFTS_READ_ONLY.test(part.text))
        this.#readOnly = false
    }
    if (!asks || this.#readOnly) return false
    if (this.#marks.answers === 'no') {
      this.#doubtful = true
      return false
    }
    this.#unanswered = true
    return true
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
    const { mayWrite, notifies } = part.facts ?? this.#marks.facts.of(part.text)
    if (notifies) this.#doubtful = true
    return mayWrite
  }
}

/** The transaction goes on as if the question had not been asked. */
async function undone(send: SendFlight, at: number): Promise<Flown['failure']> {
  const { failure } = await send(UNDO_QUESTION)
  return failure && { ...failure, at }
}

function hasWritten({ command, rowCount }: Answer): boolean {
  return WRITES.has(command) && rowCount !== 0
}
