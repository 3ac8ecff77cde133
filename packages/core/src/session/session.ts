import type { Kysely } from 'kysely'
import type { EngineConnection } from '../engine/connection.ts'
import type { EngineCore } from '../engine/engine-core.ts'
import type { Fly } from '../engine/flown.ts'
import { TransactionError } from '../errors/transaction-error.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Answers } from '../pool/answer.ts'
import { lastOf } from '../pool/answer.ts'
import type { FlightPart } from '../pool/flight-writer.ts'
import type { QueryResult } from '../pool/statement.ts'
import type { Deadline } from '../time/deadline.ts'
import {
  advisoryKey,
  assertWaitable,
  type LockName,
  type LockOptions,
  lockNeedsTransaction,
  lockStatement,
  lockWithin,
  type TryLockOptions,
  tryLockStatement,
} from './advisory-lock.ts'
import type { Ambient } from './ambient.ts'
import { type Bounds, both, turnOf } from './bounds.ts'
import { noContext, type SessionContext } from './context.ts'
import { type AfterHook, type BeforeCommitHook, Hooks } from './hooks.ts'
import type { IsolationLevel } from './options.ts'
import type { UnitWatch } from './query-watch.ts'
import { runSavepoint } from './savepoint.ts'
import { SessionConnection } from './session-connection.ts'
import type { SessionUnit } from './session-unit.ts'

const NOTHING_BEFORE: Promise<unknown> = Promise.resolve()

/** What a session stands on; the engine makes it. */
export interface SessionParts<DB> {
  readonly core: EngineCore<DB>
  readonly ambient: Ambient<Session<DB>>
  readonly unit: SessionUnit
  /** The session whose savepoint this one is. */
  readonly parent?: Session<DB>
  /** The session that a unit of its own was opened in. */
  readonly surrounding?: Session<DB> | undefined
  /** Which attempt of a retried unit this is; the first is 1. */
  readonly attempt?: number
  /** Looks at the queries of the unit. */
  readonly watch?: (() => UnitWatch) | undefined
}

/**
 * A unit of work as its callback sees it: at most one connection, one statement at a time, all of it or none. Made
 * by `engine.session`, `engine.transaction` and `session.savepoint`; of no use after its callback has returned.
 *
 * @see SQLAlchemy's Session for begin, commit and rollback around a block
 */
export class Session<DB> {
  /** Which attempt of a retried unit this is; the first is 1. */
  readonly attempt: number
  readonly #parts: SessionParts<DB>
  #hooks: Hooks | undefined
  #connection: SessionConnection | undefined
  #db: Kysely<DB> | undefined
  #rollbackOnly = false
  #failedPart: { error: unknown } | undefined
  #savepointTurn: Promise<unknown> = NOTHING_BEFORE
  #savepointsOpen = 0
  #ended = false

  constructor(parts: SessionParts<DB>) {
    this.#parts = parts
    this.attempt = parts.attempt ?? 1
  }

  /** Kysely on this session's connection. */
  get db(): Kysely<DB> {
    this.#db ??= this.#parts.core.kyselyOver(this.connection)
    return this.#db
  }

  get mode(): 'transaction' | 'autocommit' {
    return this.#parts.unit.mode
  }

  /** Whether statements are still accepted. */
  get open(): boolean {
    return this.#parts.unit.open && !this.#ended
  }

  /** The isolation that the unit was opened with; undefined is the server's default. */
  get isolation(): IsolationLevel | undefined {
    return this.#parts.unit.options.isolation
  }

  /** Whether the server refuses its writes. */
  get readOnly(): boolean {
    return this.#parts.unit.options.readOnly === true
  }

  /** On whose behalf the unit runs; empty if it was opened without a context. Cannot be changed. */
  get context(): SessionContext {
    return this.#parts.unit.options.context ?? noContext
  }

  /** Bounds everything in this session. */
  get deadline(): Deadline {
    return this.#parts.unit.deadline
  }

  /** Runs one statement as pg does: rows as objects, names as the server gives them. Takes part in the transaction. */
  async query<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return lastOf(await this.#fly([{ text, values }], undefined)) as unknown as QueryResult<Row>
  }

  /**
   * Runs `fn` in a savepoint: if it throws, what it did is undone and the error goes on; the session lives.
   * Savepoints form a stack: a second one waits for the first, one opened inside the first nests.
   *
   * @throws {UsageError} `SAVEPOINT_AUTOCOMMIT` outside of a transaction
   */
  async savepoint<T>(fn: (session: Session<DB>) => Promise<T>): Promise<T> {
    if (this.mode === 'autocommit') {
      throw new UsageError(
        'SAVEPOINT_AUTOCOMMIT',
        'a savepoint needs a transaction: open the session without mode autocommit',
      )
    }
    if (this.#ended) throw sessionEnded()
    const inner = this.#innermost
    return inner === this ? this.#inTurn(() => this.#runSavepoint(fn)) : inner.savepoint(fn)
  }

  /**
   * Waits until nobody else holds the lock of this name, and holds it until the transaction ends; one that is taken in a savepoint is
   * given back if that is rolled back. Who has it may take it again.
   *
   * @throws {TimeoutError} `LOCK_TIMEOUT`, after which the session lives on if `timeoutMs` was given; {ServerError} `DEADLOCK_DETECTED`;
   *   {UsageError} `LOCK_AUTOCOMMIT`, `LOCK_NAME`, `LOCK_TIMEOUT_INVALID`
   */
  async lock(name: LockName, options: LockOptions = {}): Promise<void> {
    const { timeoutMs } = options
    const request = { ...options, key: this.#lockKey(name) }
    if (timeoutMs === undefined) {
      await this.#fly([lockStatement(request)], undefined)
      return
    }
    assertWaitable(timeoutMs)
    const inner = this.#innermost
    if (inner.#ended) throw sessionEnded()
    await inner.#inTurn(() => lockWithin(this.#parts.unit, request, timeoutMs))
  }

  /**
   * Takes the lock of this name if it is free, and holds it as `lock` does.
   *
   * @returns whether it is held now
   * @throws {UsageError} `LOCK_AUTOCOMMIT`, `LOCK_NAME`
   */
  async tryLock(name: LockName, options: TryLockOptions = {}): Promise<boolean> {
    const statement = tryLockStatement({ ...options, key: this.#lockKey(name) })
    const { rows } = lastOf(await this.#fly([statement], undefined))
    return (rows[0] as { locked: boolean }).locked
  }

  /** Runs `hook` inside the transaction, just before COMMIT; throwing vetoes it. */
  beforeCommit(hook: BeforeCommitHook): void {
    this.#assertTakesHooks()
    this.hooks.beforeCommit(hook)
  }

  /** Runs `hook` after the outermost COMMIT, outside of the session. Its failure is an event, not an error of the unit. */
  afterCommit(hook: AfterHook): void {
    this.#assertTakesHooks()
    this.hooks.afterCommit(hook)
  }

  /** Runs `hook` after the outermost end, outside of the session, if what it was registered in was rolled back. */
  afterRollback(hook: AfterHook): void {
    this.#assertTakesHooks()
    this.hooks.afterRollback(hook)
  }

  /**
   * A list under `key` to gather items in; `flush` gets all of the unit once, before COMMIT. What was gathered in a
   * savepoint that is rolled back is dropped.
   */
  buffer<Item>(key: symbol, flush: (items: Item[]) => Promise<void>): Item[] {
    this.#assertTakesHooks()
    return this.hooks.buffer(key, flush)
  }

  /** Lets the unit end in a rollback although its callback returns; the result of the callback is still given back. */
  rollbackOnly(): void {
    this.#assertTakesHooks()
    this.#root.#rollbackOnly = true
  }

  /** The connection that the engine's own `db` uses inside of this session. @internal */
  get connection(): EngineConnection {
    if (this.#connection === undefined) {
      const fly: Fly = (flight, signal) => this.#fly(flight, signal)
      this.#connection = new SessionConnection(
        fly,
        (signal) => this.#turnOfStream(signal),
        this.#parts,
      )
    }
    return this.#connection
  }

  /** The session that its unit was opened in. @internal */
  get surrounding(): Session<DB> | undefined {
    return this.#root.#parts.surrounding
  }

  /** Whether statements may run while a stream is open. @internal */
  get cursor(): boolean {
    return this.#parts.unit.options.cursor === true
  }

  /** The unit that it is a part of. @internal */
  get unit(): SessionUnit {
    return this.#parts.unit
  }

  /** What this session has promised to do at its end. @internal */
  get hooks(): Hooks {
    this.#hooks ??= new Hooks()
    return this.#hooks
  }

  /** The same, if it has promised anything. @internal */
  get promised(): Hooks | undefined {
    return this.#hooks
  }

  /** Runs a session that has joined this one: its failure forbids what it is a part of to succeed. @internal */
  join<T>(fn: (session: Session<DB>) => Promise<T>): Promise<T> {
    return this.#parts.unit.part(async () => {
      try {
        return await fn(this)
      } catch (error) {
        if (this.mode === 'transaction') this.#failedPart ??= { error }
        throw error
      }
    })
  }

  /** The failure of a joined part that somebody swallowed. @internal */
  get failedPart(): { error: unknown } | undefined {
    return this.#failedPart
  }

  /** Whether the unit was asked to end in a rollback. @internal */
  get endsInRollback(): boolean {
    return this.#root.#rollbackOnly
  }

  /** The innermost open savepoint of this session that the caller runs in, also if other units lie in between; or this session. */
  get #innermost(): Session<DB> {
    const { unit, ambient } = this.#parts
    let around = ambient.current
    while (around !== undefined && around.#parts.unit !== unit) around = around.surrounding
    if (around === undefined || around.#ended) return this
    return around.#isInside(this) ? around : this
  }

  /** Runs what begins with a savepoint and ends it, one after the other. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const { unit, ambient } = this.#parts
    const turn = this.#turnBesideSavepoints(ambient.bounds ?? {}) ?? this.#savepointTurn
    unit.hasSavepoints = true
    this.#savepointsOpen += 1
    const work = unit
      .part(() => turn.then(run))
      .finally(() => {
        this.#savepointsOpen -= 1
      })
    // One that gives up while it waits lets nobody pass those before it.
    this.#savepointTurn = Promise.allSettled([this.#savepointTurn, work])
    return work
  }

  /**
   * What a statement beside an open savepoint waits for: inside it would be undone with it. Savepoints that are asked for later wait for the
   * statement to be issued. Undefined if none is open beside the caller.
   */
  #turnBesideSavepoints(bounds: Bounds): Promise<void> | undefined {
    const { unit } = this.#parts
    if (!unit.hasSavepoints) return undefined
    const within = this.#innermost
    if (within.#savepointsOpen === 0) return undefined
    const { deadline, options } = unit
    const before = within.#savepointTurn
    const turn = turnOf(before, both({ deadline, signal: options.signal }, bounds))
    within.#savepointTurn = Promise.allSettled([before, turn])
    return turn
  }

  #lockKey(name: LockName): bigint {
    if (this.mode === 'autocommit') throw lockNeedsTransaction()
    return advisoryKey(name)
  }

  #runSavepoint<T>(fn: (session: Session<DB>) => Promise<T>): Promise<T> {
    const { unit, ambient } = this.#parts
    const inner = new Session({ ...this.#parts, parent: this, attempt: this.attempt })
    const parts = { unit, outer: this.hooks, inner: inner.hooks }
    return runSavepoint(parts, async () => {
      try {
        const result = await ambient.enter(inner, () => fn(inner))
        if (inner.#failedPart !== undefined) throw joinedPartFailed(inner.#failedPart.error)
        return result
      } finally {
        inner.#ended = true
      }
    })
  }

  #fly(parts: readonly FlightPart[], signal: AbortSignal | undefined): Promise<Answers> {
    if (this.#ended) return Promise.reject(sessionEnded())
    const { unit, ambient } = this.#parts
    const bounds = both(ambient.bounds, { signal })
    const turn = this.#turnBesideSavepoints(bounds)
    if (turn === undefined) return unit.fly(parts, bounds)
    return unit.part(() => turn.then(() => unit.fly(parts, bounds)))
  }

  /** A stream waits as a statement does; the unit does not end meanwhile. */
  #turnOfStream(signal: AbortSignal | undefined): Promise<void> | undefined {
    if (!this.open) throw sessionEnded()
    const { unit, ambient } = this.#parts
    const turn = this.#turnBesideSavepoints(both(ambient.bounds, { signal }))
    if (turn !== undefined) unit.part(() => turn).catch(() => {})
    return turn
  }

  get #root(): Session<DB> {
    return this.#parts.parent === undefined ? this : this.#parts.parent.#root
  }

  #isInside(outer: Session<DB>): boolean {
    const { parent } = this.#parts
    return parent !== undefined && (parent === outer || parent.#isInside(outer))
  }

  #assertTakesHooks(): void {
    if (this.open && this.mode === 'transaction') return
    throw this.open
      ? new UsageError(
          'HOOK_AUTOCOMMIT',
          'an autocommit session has no COMMIT to hook into: open it as a transaction',
        )
      : sessionEnded()
  }
}

/** The refusal of a session whose callback has returned. */
function sessionEnded(): UsageError {
  return new UsageError(
    'SESSION_CLOSED',
    'the session has ended: use it, and register its hooks, before its callback returns',
  )
}

/** The failure of a session or savepoint of which a joined part had failed. */
export function joinedPartFailed(cause: unknown): TransactionError {
  return new TransactionError(
    'COMMIT_ROLLED_BACK',
    "nothing was committed: a part that had joined this unit failed and its error was swallowed. Open what may fail alone with propagation 'nested'",
    { cause },
  )
}
