import { AsyncLocalStorage } from 'node:async_hooks'
import type { AquiferError } from '../errors/aquifer-error.ts'
import { PoolClosedError } from '../errors/overload-error.ts'
import { CancelledError } from '../errors/timeout-error.ts'
import { type CallSite, captureCallSite, nowhere } from '../time/call-site.ts'
import { every, monotonicMs, settledWithin, type Timer } from '../time/clock.ts'
import type { InnerAcquireOptions } from './acquire-options.ts'
import type { Backend, OpenBackend } from './backend.ts'
import { checkUp } from './check-up.ts'
import { isCleanAfter } from './clean-up.ts'
import { takeDue } from './due.ts'
import { type CloseReason, Events, type PoolEvents } from './events.ts'
import { Growth } from './growth.ts'
import { LeakWatch, reportLeak } from './leak.ts'
import { Lease, type Lender } from './lease.ts'
import { limitsOf, type PoolLimits } from './limits.ts'
import { silenceLimitMs } from './liveness.ts'
import { isOwnFault } from './own-fault.ts'
import { PgBackend } from './pg-backend.ts'
import { isRevivable, revive } from './revive.ts'
import { Roster } from './roster.ts'
import type { PoolSettings } from './settings.ts'
import { FactsCache } from './statement-facts.ts'
import { loadOf, PoolCounters, type PoolStats, statsOf } from './stats.ts'
import { Validity } from './validity.ts'
import type { Verdict } from './verdict.ts'
import { deadlinePassed, WaitQueue } from './wait-queue.ts'

const CUT_LIMIT_MS = 500

/**
 * Owns the physical connections of one engine: at most `size + overflow`, lent first come, first served. What comes
 * back and is not proven clean is closed. The states of a connection are in `Roster`.
 *
 * @see SQLAlchemy's QueuePool for size and overflow, pgx for the rule of release
 */
export class Pool {
  readonly events: Events<PoolEvents> = new Events()
  /** What is known of the texts of statements. @internal */
  readonly facts: FactsCache = new FactsCache()
  readonly settings: PoolSettings
  readonly #openBackend: OpenBackend
  readonly #limits: PoolLimits
  readonly #roster: Roster
  /** @internal */
  readonly validity: Validity
  readonly #leaks: LeakWatch
  readonly #lender: Lender
  readonly #waiting: WaitQueue<Lease>
  readonly #counters = new PoolCounters()
  readonly #growth = new Growth(() => this.#settle())
  /** Sockets outlive the caller that needed them first: its async context must not follow them. */
  readonly #detached = AsyncLocalStorage.snapshot()
  #checksForWaiters = 0
  #maintenance: Timer | undefined
  #closed = false
  #end: Promise<void> | undefined
  #onChange: (() => void) | undefined

  constructor(settings: PoolSettings, openBackend: OpenBackend = PgBackend.open) {
    this.settings = settings
    this.#openBackend = openBackend
    this.#limits = limitsOf(settings)
    this.#roster = new Roster(this.#limits.order, settings.allowExitOnIdle)
    this.validity = new Validity(this.#limits, settings.livenessAfterMs)
    this.#leaks = new LeakWatch(this.#limits)
    this.#waiting = new WaitQueue({
      acquireTimeoutMs: settings.acquireTimeoutMs,
      load: (since) => loadOf(this.stats(), this.#roster, this.#growth.failureSince(since)),
      onTimeout: (waitedMs) => {
        this.#counters.timedOut += 1
        this.#leaks.suspect()
        this.events.emit('timeout', { waitedMs, waiting: this.#waiting.length })
      },
    })
    this.#lender = {
      facts: this.facts,
      refusesState: settings.pooler !== undefined,
      onListen: (lease) => this.#roster.dedicated.add(lease),
      onRelease: (lease, verdict) => this.#takeBack(lease, verdict),
    }
  }

  /**
   * Lends a connection.
   *
   * @throws {AcquireTimeoutError} `POOL_ACQUIRE_TIMEOUT`; {TimeoutError} `DEADLINE_EXCEEDED`; {CancelledError} `CANCELLED`;
   *   {PoolClosedError} `POOL_CLOSED`; {ConnectionError} `CONNECTION_FAILED` if a connection had to be opened and could not be
   */
  async acquire(options: InnerAcquireOptions = {}): Promise<Lease> {
    const asked = { ...options, takenAt: options.takenAt ?? this.noteCallSite() }
    return this.acquireNow(asked) ?? (await this.#wait(asked))
  }

  /** The place in the caller's code that needs a lease, or nowhere if it is not worth noting. @internal */
  noteCallSite(): CallSite {
    return this.#leaks.notesPlaces() ? captureCallSite() : nowhere
  }

  /** Lends a connection that is free, if nobody stands in line; throws as `acquire` does. @internal */
  acquireNow(options: InnerAcquireOptions): Lease | undefined {
    if (this.#closed) throw new PoolClosedError()
    if (options.deadline?.expired === true) throw deadlinePassed()
    if (options.signal?.aborted === true) {
      throw new CancelledError('the caller gave up before it asked for a connection', {
        cause: options.signal.reason,
      })
    }
    const backend = this.#waiting.length > 0 ? undefined : this.#takeIdle()
    if (backend === undefined) return undefined
    if (!this.validity.needsCheck(backend, options)) return this.#lend(backend, options, 0)
    this.#roster.idle.push(backend)
    return undefined
  }

  /** Retires every connection that is open now: idle ones at once, leased ones when they come back. */
  invalidate(): void {
    this.validity.invalidate()
    this.#retireIdle()
  }

  stats(): PoolStats {
    return statsOf(this.settings, this.#roster, this.#counters, this.#waiting.length)
  }

  /**
   * Turns waiters away, waits up to the drain limit for leases to come back, then cancels what still runs and cuts the
   * connections. Dedicated leases are not waited for. Always resolves; a second call waits for the first.
   */
  close(options: { drainTimeoutMs?: number } = {}): Promise<void> {
    this.#closed = true
    this.#end ??= this.#detached(() =>
      this.#close(options.drainTimeoutMs ?? this.settings.drainTimeoutMs),
    )
    return this.#end
  }

  #wait(options: InnerAcquireOptions): Promise<Lease> {
    const waiter = this.#waiting.add(options)
    this.#serve()
    if (this.#waiting.length > 0) this.events.emit('wait', { waiting: this.#waiting.length })
    return waiter.promise
  }

  #serve(): void {
    if (this.#closed) return
    for (let waiter = this.#waiting.first(); waiter; waiter = this.#waiting.first()) {
      const backend = this.#takeIdle()
      if (backend === undefined) break
      if (!this.validity.needsCheck(backend, waiter.options)) {
        waiter.resolve(this.#lend(backend, waiter.options, monotonicMs() - waiter.since))
      } else if (this.#waiting.length > this.#checksForWaiters) {
        void this.#detached(() => this.#checkThenServe(backend))
      } else {
        this.#roster.idle.push(backend)
        break
      }
    }
    this.#grow()
  }

  #takeIdle(): Backend | undefined {
    for (;;) {
      const backend = this.#roster.idle.take()
      if (backend === undefined) return undefined
      const objection = this.validity.objection(backend)
      if (objection === undefined) return backend
      this.#discard(backend, objection, backend.lost)
    }
  }

  async #checkThenServe(backend: Backend): Promise<void> {
    this.#checksForWaiters += 1
    const failure = await this.#check(backend)
    this.#checksForWaiters -= 1
    // Asked once for each loan: asking again because time has passed would never end.
    backend.checked = failure === undefined
    this.#settle()
    backend.checked = false
  }

  /** Asks an idle connection, which is nobody's meanwhile. */
  async #check(backend: Backend): Promise<AquiferError | undefined> {
    const { checking, idle } = this.#roster
    const how = this.validity.needsReset(backend) ? 'reset' : 'ping'
    checking.add(backend)
    const failure = await checkUp(backend, how, silenceLimitMs(this.settings))
    // It may have been cut meanwhile.
    if (!checking.delete(backend)) return failure
    if (failure === undefined) {
      idle.push(backend)
      if (how === 'reset') this.events.emit('reset', { backendPid: backend.pid })
    } else this.#discard(backend, how === 'reset' ? 'failedReset' : 'failedPing', failure)
    return failure
  }

  /** How many more connections may be opened. */
  get #room(): number {
    return this.settings.size + this.settings.overflow - this.#roster.occupied
  }

  #grow(): void {
    if (this.#growth.paused || this.#closed) return
    const { total, connecting } = this.#roster
    const asked = this.#waiting.length - this.#checksForWaiters - connecting
    const missing = this.#maintenance === undefined ? 0 : this.#limits.minimum - total
    const most = Math.min(this.#room, this.#growth.most - connecting)
    for (let n = Math.min(most, Math.max(asked, missing)); n > 0; n -= 1)
      void this.#detached(() => this.#openIdle())
  }

  async #openIdle(): Promise<void> {
    try {
      this.#roster.idle.push(await this.#open())
    } catch (error) {
      const goesOn = this.#growth.failed(error as Error)
      if (!goesOn) this.#waiting.first()?.reject(error)
    }
    this.#settle()
  }

  async #open(): Promise<Backend> {
    this.#roster.connecting += 1
    this.#maintenance ??= every(this.#limits.sweepEveryMs, () => this.#sweep())
    const startedAt = monotonicMs()
    try {
      const { settings, facts, events, validity } = this
      const backend = await this.#openBackend(settings, { facts, events, epoch: validity.epoch })
      backend.whenLost((error) => this.#onLost(backend, error))
      this.#growth.succeeded()
      this.#counters.opened += 1
      events.emit('connect', { backendPid: backend.pid, tookMs: monotonicMs() - startedAt })
      return backend
    } catch (error) {
      this.events.emit('connectFailed', { error: error as Error })
      throw error
    } finally {
      this.#roster.connecting -= 1
    }
  }

  #lend(
    backend: Backend,
    { dedicated, takenAt = nowhere }: InnerAcquireOptions,
    waitedMs: number,
  ): Lease {
    const roster = this.#roster
    const lively = backend.checked || this.validity.isLively(backend)
    const lease = new Lease(backend, this.#lender, { lively, takenAt })
    backend.uses += 1
    backend.checked = false
    roster.leases.set(backend, lease)
    if (dedicated === true) roster.dedicated.add(lease)
    this.#counters.countWait(waitedMs)
    if (this.events.has('checkout'))
      this.events.emit('checkout', { backendPid: backend.pid, waitedMs })
    return lease
  }

  #takeBack(lease: Lease, verdict: Verdict): void {
    const { backend } = lease
    const { leases, dedicated } = this.#roster
    if (leases.get(backend) !== lease) return
    leases.delete(backend)
    dedicated.delete(lease)
    if (this.events.has('checkin')) {
      const heldMs = monotonicMs() - lease.since
      this.events.emit('checkin', { backendPid: backend.pid, heldMs })
    }
    if (verdict === 'clean') this.#keep(backend)
    else if (verdict === 'doubtful') void this.#detached(() => this.#awaitSettled(lease))
    else this.#discard(backend, verdict, backend.lost)
    this.#settle()
  }

  /** A clean connection goes back, unless there are too many or its time is over. */
  #keep(backend: Backend): void {
    const objection = this.#closed ? 'poolClosed' : this.validity.objection(backend)
    const isSurplus = this.#waiting.length === 0 && this.#roster.total >= this.settings.size
    if (objection !== undefined || isSurplus) this.#discard(backend, objection ?? 'overflow')
    else {
      backend.idleSince = monotonicMs()
      this.#roster.idle.push(backend)
    }
  }

  /** Nobody gets the connection before its cancel is known to be over. */
  async #awaitSettled({ backend, settled }: Lease): Promise<void> {
    this.#roster.doubtful.add(backend)
    const reusable = await isCleanAfter(backend, settled)
    if (!this.#roster.doubtful.delete(backend)) return
    if (reusable) this.#keep(backend)
    else this.#discard(backend, backend.lost === undefined ? 'doubtful' : 'lost', backend.lost)
    this.#settle()
  }

  /** One broken connection throws doubt on all: those that are idle are retired, the others have to answer first. */
  #onLost(backend: Backend, error: AquiferError): void {
    if (backend.closedByUs) return
    const wasIdle = this.#roster.idle.takeIf((other) => other === backend).length > 0
    if (wasIdle) this.#discard(backend, 'lost', error)
    if (!isOwnFault(error)) {
      this.validity.doubt()
      this.#retireIdle(error)
    }
    const lease = this.#roster.leases.get(backend)
    if (lease !== undefined && isRevivable(lease, this.#roster))
      void this.#detached(() => this.#revive(lease))
    if (wasIdle) this.#settle()
  }

  /** A lease that listens goes on with another connection, as soon as there is one. */
  async #revive(lease: Lease): Promise<void> {
    await revive(lease, {
      roster: this.#roster,
      isWanted: () => !lease.ended && !this.#closed,
      open: () => (this.#room > 0 ? this.#open() : Promise.reject(new Error('the pool is full'))),
      discard: (backend) => this.#discard(backend, 'lost', backend.lost),
    })
    this.#settle()
  }

  #retireIdle(error?: Error): void {
    const isRetired = (backend: Backend) => this.validity.objection(backend) === 'invalidated'
    const retired = this.#roster.idle.takeIf(isRetired)
    this.events.emit('invalidate', { connections: retired.length, ...(error && { error }) })
    for (const backend of retired) this.#discard(backend, 'invalidated')
    if (retired.length > 0) this.#settle()
  }

  #discard(backend: Backend, reason: CloseReason, error?: Error): void {
    const { closing } = this.#roster
    closing.add(backend)
    backend.close()
    void this.#detached(async () => {
      await backend.closed()
      closing.delete(backend)
      this.#settle()
    })
    this.#counters.closed += 1
    this.events.emit('close', { backendPid: backend.pid, reason, ...(error && { error }) })
  }

  #settle(): void {
    const { idle } = this.#roster
    if (this.#closed) {
      for (const backend of idle.takeAll()) this.#discard(backend, 'poolClosed')
      this.#onChange?.()
      return
    }
    this.#serve()
    const hasSurplus = () => this.#waiting.length === 0 && this.#roster.total > this.settings.size
    while (idle.length > 0 && hasSurplus()) this.#discard(idle.takeOldest() as Backend, 'overflow')
  }

  /** What is due with time: idle and old connections, the minimum, leases that nobody gives back. */
  #sweep(): void {
    const { expired, silent } = takeDue(this.#roster.idle, {
      validity: this.validity,
      limits: this.#limits,
      keepAliveMs: this.settings.keepAliveMs,
      total: this.#roster.total,
    })
    for (const { backend, reason } of expired) this.#discard(backend, reason, backend.lost)
    for (const backend of silent)
      void this.#detached(() => this.#check(backend).then(() => this.#settle()))
    const { leaked, overdue } = this.#leaks.inspect(this.#roster.borrowed())
    this.#counters.leaked += leaked.length
    for (const lease of leaked) reportLeak(lease, this.events)
    for (const lease of overdue) lease.reclaim()
    this.#settle()
  }

  async #close(drainTimeoutMs: number): Promise<void> {
    const { leases, dedicated, closing, checking, doubtful } = this.#roster
    this.#maintenance?.cancel()
    this.#growth.stop()
    this.#waiting.rejectAll(new PoolClosedError())
    const drained = new Promise<void>((resolve) => {
      this.#onChange = () => {
        if (this.#roster.total === dedicated.size) resolve()
      }
    })
    this.#settle()
    // What runs on shared connections is no less worth waiting for.
    const answered = [...dedicated].map(({ backend }) => backend.quiet())
    await settledWithin(drainTimeoutMs, Promise.all([drained, ...answered]))
    const running = [...leases.keys()].filter(({ load }) => load > 0)
    await Promise.all(
      running.map((backend) =>
        backend.settle(new PoolClosedError(backend.outcomeIfCut), CUT_LIMIT_MS),
      ),
    )
    const open = [...leases.keys(), ...checking, ...doubtful]
    for (const state of [leases, checking, doubtful, dedicated]) state.clear()
    for (const backend of open) this.#discard(backend, 'poolClosed')
    await Promise.all([...closing].map((backend) => backend.closed()))
  }
}
