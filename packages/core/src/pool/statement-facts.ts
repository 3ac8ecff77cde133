import { withoutLiterals } from './statement-text.ts'

/** What a statement does to the transaction around it. */
export type Control = 'begin' | 'commit' | 'rollback' | 'prepareTransaction' | 'undo'

/** What the text of a statement alone tells; found once per text. */
export interface StatementFacts {
  readonly text: string
  /** It may leave session state behind that the next borrower must not inherit. */
  readonly leavesState: boolean
  /** It may hold several statements, which only the simple protocol takes. */
  readonly several: boolean
  readonly control: Control | undefined
  /** One of its statements behind the first ends a transaction. */
  readonly endsInside: boolean
  /**
   * One statement that is planned, or transaction control. Others gain nothing from being prepared, and the columns of FETCH or EXECUTE
   * change without notice.
   */
  readonly planned: boolean
  /** It begins or ends to wait for notifications, so that its connection is meant to stay. */
  readonly listens: boolean
  /** It is none of those that change nothing, as SET or SAVEPOINT. A select may write: by a function that it calls. */
  readonly mayWrite: boolean
  /** It may send notifications, which nobody sees before COMMIT. */
  readonly notifies: boolean
  /** How often it was sent; what is sent again is worth preparing. */
  uses: number
}

const LEAVES_STATE =
  /(^|;)\s*(set(?!\s+(local|constraints|transaction)\b)|reset|listen|unlisten|prepare|deallocate|discard|load|do|call)\b|\bset_config\s*\((?![^()]*,\s*true\s*\))|\bpg_(try_)?advisory_lock|\b(create|into)\s+(or\s+replace\s+)?(local\s+|global\s+)?temp(orary)?\b|\bpg_temp\b|\bsetseed\b|\bwith\s+hold\b/i
const SEVERAL = /;\s*\S/
/** COMMIT PREPARED and ROLLBACK PREPARED are none: they end a transaction that no connection is in any more. */
const CONTROLS: readonly (readonly [RegExp, Control])[] = [
  [/^\s*rollback\s+(work\s+|transaction\s+)?to\b/i, 'undo'],
  [/^\s*(begin|start\s+transaction)\b/i, 'begin'],
  [/^\s*(commit|end)\b(?!\s+prepared\b)/i, 'commit'],
  [/^\s*(rollback|abort)\b(?!\s+prepared\b)/i, 'rollback'],
  [/^\s*prepare\s+transaction\b/i, 'prepareTransaction'],
]
/** Not END, which closes the body of a function written in SQL; in such a body none of these can stand. */
const ENDS_INSIDE =
  /;\s*(commit(?!\s+prepared\b)|abort|prepare\s+transaction|rollback(?!\s+((work\s+|transaction\s+)?to|prepared)\b))\b/i
const PLANNED =
  /^[\s(]*(select|insert|update|delete|merge|with|values|begin|(commit|rollback)(?!\s+prepared\b)|savepoint|release)\b/i
const LISTENS = /(^|;)\s*(un)?listen\b/i
const WRITES_NOTHING = /^\s*(savepoint|release|set|show|reset|lock|close|listen|unlisten)\b/i
const NOTIFIES = /\b(pg_)?notify\b/i
const REMEMBERED = 4_096
/** Huge texts are bulk writes, of which each is another one. */
const LONGEST_REMEMBERED = 16_384

/**
 * The facts of every text that a pool has sent lately, so that a statement is scanned once and not
 * each time. Bounded: the text that was first seen is forgotten first.
 */
export class FactsCache {
  readonly #facts = new Map<string, StatementFacts>()

  of(text: string): StatementFacts {
    const known = this.#facts.get(text)
    if (known !== undefined) return known
    const facts = factsOf(text)
    if (text.length > LONGEST_REMEMBERED) return facts
    this.#facts.set(text, facts)
    if (this.#facts.size > REMEMBERED) {
      for (const oldest of this.#facts.keys()) {
        this.#facts.delete(oldest)
        break
      }
    }
    return facts
  }
}

/**
 * Scans one text. It errs towards caution: a false "leaves state" costs one connection, a false "several" a
 * statement that is not prepared. State that a function sets in its body is not seen.
 */
export function factsOf(text: string): StatementFacts {
  const bare = withoutLiterals(text)
  const several = SEVERAL.test(bare)
  const control = CONTROLS.find(([pattern]) => pattern.test(bare))?.[1]
  return {
    text,
    leavesState: LEAVES_STATE.test(bare),
    several,
    planned: !several && PLANNED.test(bare),
    control,
    endsInside: several && ENDS_INSIDE.test(bare),
    listens: LISTENS.test(bare),
    mayWrite: several || (control === undefined && !WRITES_NOTHING.test(bare)),
    notifies: NOTIFIES.test(bare),
    uses: 0,
  }
}
