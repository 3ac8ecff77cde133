import type { Kysely } from 'kysely'
import { type BudgetClaim, type BudgetReport, budgetOf } from '../engine/budget.ts'
import { EngineCore } from '../engine/engine-core.ts'
import { type EngineHealth, healthOf } from '../engine/health.ts'
import { type Profile, poolSettingsOf } from '../engine/profile.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { DatabaseOf, Models } from '../model/registry.ts'
import type { AcquireOptions } from '../pool/acquire-options.ts'
import type { Events, PoolEvents } from '../pool/events.ts'
import type { Lease } from '../pool/lease.ts'
import { PgPool } from '../pool/pg-pool.ts'
import { Pool } from '../pool/pool.ts'
import type { PoolStats } from '../pool/stats.ts'
import { ModelRewriter } from '../rewrite/model-rewriter.ts'
import { Deadline } from '../time/deadline.ts'
import { Ambient } from './ambient.ts'
import { anySignal, assertWithin, type Bounds, both } from './bounds.ts'
import { assertSameContext, contextOf, defaultPrefix } from './context.ts'
import { Guard } from './guard.ts'
import { KeysInUse } from './keys-in-use.ts'
import { applyOnce, isWorthRepeatingOnce, type JsonResult, type OnceOptions } from './once.ts'
import { runUnit } from './open-unit.ts'
import { assertOptions, type SessionOptions, type TransactionOptions } from './options.ts'
import type { QueryWatch, UnitWatch } from './query-watch.ts'
import { isWorthRepeating, withRetry } from './retry.ts'
import type { Session, SessionParts } from './session.ts'
import { SessionHandle } from './session-handle.ts'
import { SessionUnit } from './session-unit.ts'

/** What `createEngine` is told. */
export interface EngineOptions<M extends Models> {
  readonly profile: Profile
  /** The tables of `engine.db`'s type, by any key; their TypeScript names count. */
  readonly models?: M
  /** Looks at the queries of sessions, as `nPlusOne()` of `@aquifer/core/load` does. */
  readonly watch?: QueryWatch | undefined
}

/** What an engine stands on besides its profile. */
export interface EngineParts {
  /** What its connections come from, if not from the profile's server. */
  readonly pool?: Pool | undefined
  readonly models?: Models | undefined
  readonly watch?: QueryWatch | undefined
}

/** Anything that runs in a session. */
export type Work<DB, T> = (session: Session<DB>) => Promise<T>

/**
 * One configured database: a profile, a pool of its own, a Kysely instance, its events. Statements of `engine.db` take
 * part in the session around them, if there is one.
 *
 * @see SQLAlchemy's Engine
 */
export class Engine<DB> implements AsyncDisposable {
  readonly profile: Profile
  /** The models whose rules its queries follow; empty if it was opened without. */
  readonly models: Models
  readonly db: Kysely<DB>
  /** The pool in the shape of pg.Pool, for libraries written against pg. It joins no session. */
  readonly pool: PgPool
  readonly events: Events<PoolEvents>
  readonly #core: EngineCore<DB>
  /** Looks at the queries of its sessions. */
  readonly watch: QueryWatch | undefined
  readonly #guard: Guard
  readonly #ambient = new Ambient<Session<DB>>()
  readonly #keys = new KeysInUse()

  constructor(
    profile: Profile,
    { pool = new Pool(poolSettingsOf(profile)), models, watch }: EngineParts = {},
  ) {
    const current = () => this.currentSession()?.unit ?? this.#core.scope.current?.transaction
    const guard = new Guard({ profile, events: pool.events, current })
    const rewriter = new ModelRewriter(models ?? {}, profile.contextPrefix ?? defaultPrefix)
    const surrounding = () => this.#ambient.current?.connection
    this.#guard = guard
    this.#core = new EngineCore<DB>(profile, surrounding, { pool, rewriter, guard })
    this.models = models ?? {}
    this.watch = watch
    this.profile = profile
    this.db = this.#core.db
    this.pool = new PgPool(this.#core.pool, () => this.#assertNoTransaction('engine.pool'))
    this.events = this.#core.pool.events
  }

  /** The session around the caller that still takes statements, or undefined. */
  currentSession(): Session<DB> | undefined {
    const current = this.#ambient.current
    return current?.open === true ? current : undefined
  }

  /**
   * Runs `fn` as a unit of work: it commits if `fn` returns and rolls back if it throws. Joins the session around the
   * call unless `propagation` says otherwise. No connection is taken before the first statement.
   *
   * @throws whatever `fn` throws; {TransactionError} if COMMIT did not do what was asked; {UsageError} `SESSION_REQUIRED`,
   *   `SESSION_FORBIDDEN`, `SESSION_ISOLATION`, `SESSION_READ_ONLY`, `SESSION_AUTOCOMMIT`, `SESSION_CURSOR`, `SESSION_CONTEXT`,
   *   `SESSION_CONTEXT_AUTOCOMMIT`, `SESSION_CONTEXT_INVALID`
   */
  async session<T>(fn: Work<DB, T>, options: SessionOptions = {}): Promise<T> {
    const joined = this.#joined(options)
    if (joined !== undefined) return this.#join(joined, fn, options)
    return runUnit(this.#parts(options, 1), fn)
  }

  /** A transactional session that may also be retried as a whole after a collision. */
  async transaction<T>(fn: Work<DB, T>, options: TransactionOptions = {}): Promise<T> {
    const { retry, ...rest } = options
    const joined = this.#joined(rest)
    if (joined !== undefined) return this.#join(joined, fn, rest)
    const deadline = this.#deadline(options.deadline)
    return withRetry({ retry, deadline, signal: options.signal }, (attempt) =>
      runUnit(this.#parts({ ...rest, deadline }, attempt), fn),
    )
  }

  /**
   * Runs `fn` as a transaction that is applied once for all calls with this `key`, also across retries, restarts and a COMMIT of unknown
   * outcome: the key is written in the same transaction. Later calls get the result of the first one that committed, as JSON holds it. By default
   * it is run again as `retry: true` says, and also after an unknown outcome.
   *
   * @throws as `transaction` does; {UsageError} `IDEMPOTENCY_KEY_INVALID`, `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_KEY_IN_USE`,
   *   `IDEMPOTENCY_TABLE_MISSING`
   * @see the Idempotency-Key header field of HTTP APIs
   */
  async once<T>(
    key: string,
    fn: Work<DB, T & JsonResult<T>>,
    options: OnceOptions = {},
  ): Promise<T> {
    const { retry = true, fingerprint, ...rest } = options
    const work: Work<DB, T> = (session) =>
      this.#keys.hold(session.unit, key, () =>
        applyOnce(session, { key, fingerprint }, () => fn(session)),
      )
    const joined = this.#joined(rest)
    if (joined !== undefined) return this.#join(joined, work, rest)
    const deadline = this.#deadline(options.deadline)
    const attempt = (number: number) => runUnit(this.#parts({ ...rest, deadline }, number), work)
    const isWorthIt = (error: unknown) => isWorthRepeating(error) || isWorthRepeatingOnce(error)
    return withRetry({ retry, deadline, signal: options.signal, isWorthIt }, attempt)
  }

  /**
   * Opens a unit of work that its holder ends: `await using unit = engine.openSession()`, then `await unit.commit()`. Left without a commit it is
   * rolled back. Takes no connection before its first statement.
   *
   * @throws {UsageError} `SESSION_OPEN` inside of a session that it would have to join
   */
  openSession(options: SessionOptions = {}): SessionHandle<DB> {
    if (this.#joined(options) !== undefined) throw cannotJoin()
    return new SessionHandle(this.#parts(options, 1))
  }

  /**
   * A connection of the caller's own, for LISTEN and the like; it joins no session and must be released.
   *
   * @throws as the pool does; {UsageError} `SECOND_CONNECTION` inside of a transaction, unless it is dedicated
   */
  async acquire(options: AcquireOptions = {}): Promise<Lease> {
    if (options.dedicated !== true) this.#assertNoTransaction('engine.acquire()')
    const takenAt = this.#core.pool.noteCallSite()
    return this.#core.pool.acquire({ ...options, takenAt })
  }

  /** Asks the server for an answer. Never rejects: what went wrong is in the result, also that it was asked inside of a transaction. */
  health(): Promise<EngineHealth> {
    return healthOf(this.#core.pool, () => this.#assertNoTransaction('engine.health()'))
  }

  /**
   * Adds up what this profile and the others of the application may open at their limits, and compares it with what the server
   * has for them. Asks the server once.
   *
   * @param others further profiles that run on the same server; this one may be among them
   * @throws as `acquire` does
   */
  async budget(others: readonly BudgetClaim[] = []): Promise<BudgetReport> {
    this.#assertNoTransaction('engine.budget()')
    const { name } = this.profile
    const claims = [this.profile, ...others.filter((other) => other.name !== name)]
    return budgetOf(this.#core.pool, claims)
  }

  /** What the pool holds and has done. */
  stats(): PoolStats {
    return this.#core.pool.stats()
  }

  /** Retires every connection that is open now, as after a change of roles or settings: idle ones at once, leased ones on return. */
  invalidate(): void {
    this.#core.pool.invalidate()
  }

  /** Turns waiters away, waits up to the drain limit for running work, cuts the rest. Always resolves. */
  close(options: { drainTimeoutMs?: number } = {}): Promise<void> {
    this.#guard.close()
    return this.#core.pool.close(options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Runs `fn` as a part of a session that is open, within bounds of its own. */
  #join<T>(joined: Session<DB>, fn: Work<DB, T>, options: SessionOptions): Promise<T> {
    const { deadline, signal, propagation } = options
    const bounds = { deadline, signal }
    const part: Work<DB, T> = async (session) => {
      const result = await fn(session)
      assertWithin(bounds)
      return result
    }
    return this.#ambient.bound(bounds, () =>
      propagation === 'nested' ? joined.savepoint(part) : joined.join(part),
    )
  }

  #parts(options: SessionOptions, attempt: number): SessionParts<DB> {
    const outer = this.currentSession()?.unit
    const own = { deadline: this.#deadline(options.deadline), signal: options.signal }
    const { deadline, signal } = this.#withinSurrounding(own)
    const { profile, pool, alone, marks } = this.#core
    const source = { profile, pool, alone, marks, guard: this.#guard, outer }
    const context = options.context && contextOf(options.context, options.mode)
    const bounded = { ...options, ...(context && { context }), ...(signal && { signal }) }
    const unit = new SessionUnit(source, bounded, deadline)
    const surrounding = stillOpen(this.#ambient.current)
    const watch = this.#watchOfUnit()
    return { core: this.#core, ambient: this.#ambient, unit, surrounding, attempt, watch }
  }

  /** Made with the unit's first query: many have none. */
  #watchOfUnit(): (() => UnitWatch) | undefined {
    const { watch, models, events } = this
    if (watch === undefined) return undefined
    let made: UnitWatch | undefined
    return () => {
      made ??= watch.forUnit({ models, events })
      return made
    }
  }

  /** A unit of its own ends no later than what the one around it waits for. */
  #withinSurrounding(own: Bounds & { readonly deadline: Deadline }) {
    const outer = this.currentSession()?.unit
    if (outer === undefined) return own
    const { deadline, options } = outer
    const around = both(this.#ambient.bounds, { deadline, signal: options.signal })
    return {
      deadline: Deadline.earlier(own.deadline, around.deadline),
      signal: anySignal(around.signal, own.signal),
    }
  }

  /** Whether the session around the caller has ended inside of a transaction that has not, of which what it begins now would be no part. */
  get #isLeftBehind(): boolean {
    const around = this.#ambient.current
    return around?.open === false && stillOpen(around)?.mode === 'transaction'
  }

  /** The session that a call with these options becomes a part of. */
  #joined(options: SessionOptions): Session<DB> | undefined {
    assertOptions(options)
    const { propagation = 'required', mode = 'transaction', isolation, readOnly } = options
    const current = this.currentSession()
    const { current: kysely } = this.#core.scope
    if (propagation === 'never' && (current !== undefined || kysely !== undefined)) {
      throw new UsageError(
        'SESSION_FORBIDDEN',
        "a session is open around a call with propagation 'never': end it first",
      )
    }
    if (propagation === 'mandatory' && current === undefined && kysely === undefined) {
      throw new UsageError(
        'SESSION_REQUIRED',
        "a call with propagation 'mandatory' needs a session around it: open one with engine.session()",
      )
    }
    if (propagation === 'new') this.#assertConnectionLeft()
    else if (current === undefined && kysely !== undefined) throw insideKysely()
    else if (this.#isLeftBehind) throw leftBehind()
    if (propagation === 'new' || current === undefined) return undefined
    // An autocommit session holds no lease between statements, so that a transaction beside it costs no second one.
    if (current.mode === 'autocommit' && mode === 'transaction') return undefined
    if (isolation !== undefined && current.isolation !== isolation) {
      throw new UsageError(
        'SESSION_ISOLATION',
        `isolation '${isolation}' was asked inside a session opened with '${current.isolation ?? "the server's default"}': ` +
          "ask for it where the unit begins, or use propagation 'new'",
      )
    }
    if (readOnly === true && !current.readOnly) {
      throw new UsageError(
        'SESSION_READ_ONLY',
        "a read-only session was asked inside one that may write: ask for it where the unit begins, or use propagation 'new'",
      )
    }
    if (options.cursor === true && !current.cursor && current.mode === 'transaction') {
      throw new UsageError(
        'SESSION_CURSOR',
        "cursor was asked inside a session opened without it: ask for it where the unit begins, or use propagation 'new'",
      )
    }
    const { context } = options
    if (context !== undefined) assertSameContext(contextOf(context, mode), current.context)
    return current
  }

  /** A second connection inside of a transaction does not see its rows, and may wait for a lock or a slot that the transaction holds. */
  #assertNoTransaction(what: string): void {
    const inSession = this.currentSession()?.mode === 'transaction' || this.#isLeftBehind
    if (!inSession && this.#core.scope.current?.inTransaction !== true) return
    throw new UsageError(
      'SECOND_CONNECTION',
      `${what} was used inside a transaction, and would take a second connection that knows nothing of it: use the session, engine.db, or ` +
        "engine.session(fn, { propagation: 'new' }) for a unit of its own; for LISTEN, engine.acquire({ dedicated: true })",
    )
  }

  /** A unit inside of others that hold every connection would wait for them, and they for it. */
  #assertConnectionLeft(): void {
    const { size, overflow } = this.#core.pool.settings
    const limit = size + overflow
    let held = this.#core.scope.current === undefined ? 0 : 1
    for (let outer = this.#ambient.current; outer !== undefined; outer = outer.surrounding)
      if (outer.unit.holdsLease) held += 1
    if (held < limit) return
    throw new UsageError(
      'SECOND_CONNECTION',
      `a unit with propagation 'new' needs a connection of its own, and those around it hold all ${limit}: raise the profile's size, or join them`,
    )
  }

  #deadline(asked: Deadline | undefined): Deadline {
    return Deadline.earlier(Deadline.after(this.profile.deadlineMs), asked)
  }
}

/** The innermost session whose unit has not ended. */
function stillOpen<DB>(session: Session<DB> | undefined): Session<DB> | undefined {
  let around = session
  while (around?.unit.open === false) around = around.surrounding
  return around
}

function leftBehind(): UsageError {
  return new UsageError(
    'SESSION_CLOSED',
    'engine.session() was called by what a savepoint or a unit inside of an open transaction has left behind: await all of it before its callback returns',
  )
}

function cannotJoin(): UsageError {
  return new UsageError(
    'SESSION_OPEN',
    "engine.openSession() was called inside of a session, which it cannot join: use that session, or propagation 'new'",
  )
}

function insideKysely(): UsageError {
  return new UsageError(
    'SESSION_INSIDE_KYSELY',
    'engine.session() was called inside db.transaction() or db.connection(), which it cannot join: begin the unit with engine.session(), or open ' +
      "this one with propagation 'new'",
  )
}

/**
 * An engine over one profile; its `db` is typed by `models`. Opens no connection: the first statement does.
 *
 * @throws {UsageError} `PROFILE_INVALID` if the profile's limits do not fit together
 */
export function createEngine<M extends Models = Models>({
  profile,
  models,
  watch,
}: EngineOptions<M>): Engine<DatabaseOf<M>> {
  return new Engine<DatabaseOf<M>>(profile, { models, watch })
}
