import { AsyncLocalStorage } from 'node:async_hooks'
import type { PoolLoad } from '../errors/overload-error.ts'
import { PoolClosedError } from '../errors/overload-error.ts'
import { CancelledError } from '../errors/timeout-error.ts'
import { after, monotonicMs } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'
import { Backend } from './backend.ts'
import { type CloseReason, Events, type PoolEvents } from './events.ts'
import { Lease, type QueryResult } from './lease.ts'
import { PooledClient } from './pooled-client.ts'
import type { PoolSettings } from './settings.ts'
import { PoolCounters, type PoolStats } from './stats.ts'
import type { Verdict } from './verdict.ts'
import { deadlinePassed, type Waiter, WaitQueue } from './wait-queue.ts'

/** What bounds the wait for a lease. */
export interface AcquireOptions {
  readonly deadline?: Deadline | undefined
  readonly signal?: AbortSignal | undefined
}

const PING_LIMIT_MS = 1000
const GROWTH_PAUSE_MS = 250
const TOO_MANY_CONNECTIONS = '53300'

/**
 * Owns the physical connections of one engine: at most `size + overflow`, lent first come, first
 * served, last returned first lent. What comes back and is not proven clean is destroyed.
 *
 * @see SQLAlchemy's QueuePool for size and overflow, pgx for the rule of release
 */
export class Pool {
  readonly events: Events<PoolEvents> = new Events()
  readonly #settings: PoolSettings
  readonly #idle: Backend[] = []
  readonly #leased = new Set<Backend>()
  readonly #waiting = new WaitQueue<Lease>()
  readonly #counters = new PoolCounters()
  #connecting = 0
  #pinging = 0
  #growthPaused = false
  /** Sockets outlive the caller that needed them first: its async context must not follow them. */
  readonly #detached = AsyncLocalStorage.snapshot()
  #closing: Promise<void> | undefined
  #onReturn: () => void = () => {}

  constructor(settings: PoolSettings) {
    this.#settings = settings
  }

  /**
   * Lends a connection.
   *
   * @throws {AcquireTimeoutError} `POOL_ACQUIRE_TIMEOUT`; {CancelledError} `CANCELLED`; {PoolClosedError}
   *   `POOL_CLOSED`; {ConnectionError} `CONNECTION_FAILED` if a connection had to be opened and could not be
   */
  async acquire(options: AcquireOptions = {}): Promise<Lease> {
    if (this.#closing !== undefined) throw new PoolClosedError()
    if (options.deadline?.expired === true) throw deadlinePassed()
    if (options.signal?.aborted === true)
      throw new CancelledError('the caller gave up before it asked for a connection')
    const waiter = this.#waiting.add({
      ...options,
      acquireTimeoutMs: this.#settings.acquireTimeoutMs,
      load: () => this.#load(),
      onTimeout: (waitedMs) => {
        this.#counters.timedOut += 1
        this.events.emit('timeout', { waitedMs, waiting: this.#waiting.length })
      },
    })
    this.#serve()
    if (this.#waiting.length > 0) this.events.emit('wait', { waiting: this.#waiting.length })
    return waiter.promise
  }

  /** Lends a connection in the shape of a pg pool client, for code that is written against pg. */
  async connect(): Promise<PooledClient> {
    return new PooledClient(await this.acquire())
  }

  /** Runs one statement on any connection, as pg.Pool does. */
  async query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    await using lease = await this.acquire()
    return await lease.query<Row>(text, values)
  }

  stats(): PoolStats {
    const { size, overflow } = this.#settings
    const { opened, closed, acquired, timedOut } = this.#counters
    return {
      size,
      overflow,
      limit: size + overflow,
      total: this.#total,
      idle: this.#idle.length,
      inUse: this.#leased.size,
      connecting: this.#connecting,
      waiting: this.#waiting.length,
      opened,
      closed,
      acquired,
      timedOut,
    }
  }

  /**
   * Turns waiters away, waits up to the drain limit for leases to come back, then cuts what is left.
   * Always resolves; a second call waits for the first.
   */
  close(options: { drainTimeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.drainTimeoutMs ?? this.#settings.drainTimeoutMs)
    return this.#closing
  }

  get #total(): number {
    return this.#idle.length + this.#leased.size + this.#connecting + this.#pinging
  }

  #load(): PoolLoad {
    const { limit, inUse, waiting } = this.stats()
    return { limit, inUse, waiting }
  }

  #serve(): void {
    while (this.#waiting.length > this.#pinging) {
      const backend = this.#takeIdle()
      if (backend === undefined) break
      if (this.#needsPing(backend)) void this.#detached(() => this.#pingThenServe(backend))
      else this.#lend(backend)
    }
    if (this.#growthPaused) return
    const room = this.#settings.size + this.#settings.overflow - this.#total
    const wanted = this.#waiting.length - this.#pinging - this.#connecting
    for (let n = Math.min(room, wanted); n > 0; n -= 1) void this.#detached(() => this.#grow())
  }

  #takeIdle(): Backend | undefined {
    for (;;) {
      const backend = this.#idle.pop()
      if (backend === undefined) return undefined
      if (backend.lost !== undefined) this.#discard(backend, 'lost', backend.lost)
      else if (monotonicMs() >= backend.expiresAt) this.#discard(backend, 'lifetime')
      else return backend
    }
  }

  #needsPing(backend: Backend): boolean {
    return backend.suspect || monotonicMs() - backend.idleSince > this.#settings.livenessAfterMs
  }

  async #pingThenServe(backend: Backend): Promise<void> {
    this.#pinging += 1
    const limit = after(PING_LIMIT_MS, () => backend.close())
    try {
      await backend.run({ text: '' })
      backend.suspect = false
      backend.idleSince = monotonicMs()
      // Lent at once, if somebody still waits: asking again before each loan would never end.
      if (this.#waiting.length > 0) this.#lend(backend)
      else this.#idle.push(backend)
    } catch {
      this.#discard(backend, 'failedPing')
    } finally {
      limit.cancel()
      this.#pinging -= 1
    }
    this.#settle()
  }

  async #grow(): Promise<void> {
    this.#connecting += 1
    const startedAt = monotonicMs()
    try {
      const backend = await Backend.open(this.#settings)
      backend.whenLost((error) => this.#onLost(backend, error))
      this.#counters.opened += 1
      this.events.emit('connect', { backendPid: backend.pid, tookMs: monotonicMs() - startedAt })
      this.#idle.push(backend)
    } catch (error) {
      this.#onConnectFailed(error as Error)
    } finally {
      this.#connecting -= 1
    }
    this.#settle()
  }

  /** A full server is waited out while connections of ours live; any other failure is the first waiter's. */
  #onConnectFailed(error: Error): void {
    this.events.emit('connectFailed', { error })
    const serverFull = 'sqlState' in error && error.sqlState === TOO_MANY_CONNECTIONS
    if (serverFull && this.#leased.size + this.#idle.length > 0) this.#pauseGrowth()
    else this.#waiting.first()?.reject(error)
  }

  #pauseGrowth(): void {
    this.#growthPaused = true
    after(GROWTH_PAUSE_MS, () => {
      this.#growthPaused = false
      this.#settle()
    })
  }

  #lend(backend: Backend): void {
    const waiter = this.#waiting.first() as Waiter<Lease>
    const lentAt = monotonicMs()
    this.#leased.add(backend)
    this.#counters.acquired += 1
    waiter.resolve(new Lease(backend, (verdict) => this.#takeBack(backend, verdict, lentAt)))
    this.events.emit('checkout', { backendPid: backend.pid, waitedMs: lentAt - waiter.since })
  }

  #takeBack(backend: Backend, verdict: Verdict, lentAt: number): void {
    if (!this.#leased.delete(backend)) return
    this.events.emit('checkin', { backendPid: backend.pid, heldMs: monotonicMs() - lentAt })
    if (verdict === 'destroy')
      this.#discard(backend, backend.lost === undefined ? 'notClean' : 'lost')
    else if (this.#closing !== undefined) this.#discard(backend, 'poolClosed')
    else if (this.#isSurplus()) this.#discard(backend, 'overflow')
    else {
      backend.idleSince = monotonicMs()
      this.#idle.push(backend)
    }
    this.#settle()
  }

  #isSurplus(): boolean {
    return this.#waiting.length === 0 && this.#total >= this.#settings.size
  }

  /** One broken connection throws doubt on all: each idle one is asked before it is lent again. */
  #onLost(backend: Backend, error: Error): void {
    const at = this.#idle.indexOf(backend)
    if (at >= 0) {
      this.#idle.splice(at, 1)
      this.#discard(backend, 'lost', error)
    }
    for (const other of this.#idle) other.suspect = true
  }

  #discard(backend: Backend, reason: CloseReason, error?: Error): void {
    const backendPid = backend.pid
    backend.close()
    this.#counters.closed += 1
    this.events.emit('close', { backendPid, reason, ...(error && { error }) })
  }

  #settle(): void {
    if (this.#closing === undefined) {
      this.#serve()
      while (
        this.#waiting.length === 0 &&
        this.#idle.length > 0 &&
        this.#total > this.#settings.size
      ) {
        this.#discard(this.#idle.shift() as Backend, 'overflow')
      }
    } else {
      for (const backend of this.#idle.splice(0)) this.#discard(backend, 'poolClosed')
      this.#onReturn()
    }
  }

  async #close(drainTimeoutMs: number): Promise<void> {
    const drained = Promise.withResolvers<void>()
    this.#onReturn = () => {
      if (this.#total === 0) drained.resolve()
    }
    this.#waiting.rejectAll(new PoolClosedError())
    for (const backend of this.#idle.splice(0)) this.#discard(backend, 'poolClosed')
    this.#onReturn()
    const limit = after(drainTimeoutMs, drained.resolve)
    await drained.promise
    limit.cancel()
    for (const backend of this.#leased) this.#discard(backend, 'poolClosed')
    this.#leased.clear()
  }
}
