import { setTimeout as delay } from 'node:timers/promises'
import {
  backoffMs,
  CancelledError,
  Deadline,
  type Engine,
  type Lease,
  UsageError,
} from '@aquifer/core'
import { MigrationError } from '../migration-error.ts'
import { noticeDeadClient } from './dead-client.ts'
import type { MigrationEvent } from './event.ts'
import { describeHolder, HELD, holderOf, LOCK_SPACE, type LockHolder } from './lock-holder.ts'
import type { Connection } from './version-table.ts'

/** How long to wait for the lock, and who is told. */
export interface LockOptions {
  /** How long other deployers may hold the lock, in milliseconds. @default 600_000 */
  readonly waitMs?: number
  /** Bounds everything, waiting included. */
  readonly deadline?: Deadline
  /** Gives up at once: nothing is left half applied. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: MigrationEvent) => void
}

/** Held by the one deployer that may migrate, on a connection that does nothing else. */
const LEAD = 1
/** Held by the connection that works, as long as it works. */
const WORK = 2

const REPORT_EVERY_MS = 10_000
const UNLOCK_LIMIT_MS = 2_000
/** How long the last work of a dead deployer may stand in the way of ours; the server notices that it is dead within 2 s. */
const ENTER_LIMIT_MS = 30_000
const ENTER_PAUSE_MS = 25

/**
 * The right to migrate one database, for one deployer at a time: an advisory lock of a session of its own, which ends
 * with that session. It is taken by asking again and again: the blocking form would hold a snapshot that CREATE INDEX
 * CONCURRENTLY waits for.
 *
 * When a deployer dies its lock is free at once, while a statement of its other connection may still run. Hence a second
 * lock, held by the connection that works: nobody leads before it is free, and work begins only if both are held.
 */
export class MigrationLock implements AsyncDisposable {
  /** Fires when the lock's connection breaks. */
  readonly lost: AbortSignal
  readonly #lease: Lease
  readonly #settings: readonly string[]

  private constructor(lease: Lease, settings: readonly string[]) {
    const controller = new AbortController()
    lease.onLost((error) => controller.abort(error))
    this.lost = controller.signal
    this.#lease = lease
    this.#settings = settings
  }

  /**
   * Waits until this deployer is the only one.
   *
   * @throws {MigrationError} `MIGRATION_LOCK_TIMEOUT`, naming who holds it; {CancelledError} `CANCELLED`; {UsageError}
   *   `SESSION_FORBIDDEN` inside of a session
   */
  static async acquire(
    engine: Pick<Engine<unknown>, 'acquire' | 'session'>,
    options: LockOptions,
  ): Promise<MigrationLock> {
    const { waitMs = 600_000, deadline, signal, onEvent } = options
    // Revisions are units of their own: none of them could begin inside of a session.
    await engine.session(async () => {}, { propagation: 'never' })
    const lease = await engine.acquire({ deadline, signal })
    try {
      await assertOwnServerConnection(lease)
      const lock = new MigrationLock(lease, await noticeDeadClient(lease))
      const wait = {
        deadline: Deadline.earlier(Deadline.after(waitMs), deadline),
        signal,
        onEvent,
      }
      await waitFor(lease, LEAD, wait)
      await waitFor(lease, WORK, wait)
      await lease.query(`select pg_advisory_unlock($1, $2)`, [LOCK_SPACE, WORK])
      return lock
    } catch (error) {
      lease.release('destroy')
      throw error
    }
  }

  /** Settings that this server takes against dead clients; see `noticeDeadClient`. */
  get settings(): readonly string[] {
    return this.#settings
  }

  /** `MIGRATION_LOCK_LOST` if the lock's connection broke, else undefined. */
  get lostError(): MigrationError | undefined {
    return this.lost.aborted ? lockLost(this.lost.reason) : undefined
  }

  /** @throws {MigrationError} `MIGRATION_LOCK_LOST` if the lock's connection broke */
  assertHeld(): void {
    if (this.lostError !== undefined) throw this.lostError
  }

  /**
   * Marks `connection` as the one that works, until its transaction or, without one, its session ends.
   *
   * @throws {MigrationError} `MIGRATION_LOCK_LOST` if this deployer does not lead any more, `MIGRATION_LOCK_TIMEOUT` if the work of
   *   another one does not end
   */
  async enter(connection: Connection, scope: 'transaction' | 'session'): Promise<void> {
    const limit = Deadline.after(ENTER_LIMIT_MS)
    while (!(await tryEnter(connection, scope))) {
      // The connection of a deployer that died may have taken it with its last message: it ends, and we lead all the same.
      await this.assertLeads(connection)
      if (limit.expired) throw lockTimeout(ENTER_LIMIT_MS, await holderOf(connection, WORK))
      await delay(ENTER_PAUSE_MS)
    }
    // Only now: from here on nobody else can come to lead and pass.
    await this.assertLeads(connection)
  }

  /**
   * Asks the server, on another connection than the lock's.
   *
   * @throws {MigrationError} `MIGRATION_LOCK_LOST` if this deployer does not lead any more
   */
  async assertLeads(connection: Connection): Promise<void> {
    const { rows } = await connection.query(
      `select from pg_locks where ${HELD} and objid = $1 and pid = $2`,
      [LEAD, this.#lease.backendPid],
    )
    if (rows.length === 0) throw lockLost(this.lost.reason)
  }

  /** Gives the lock back. Never rejects: if the server does not answer, the end of the connection frees it. */
  async release(): Promise<void> {
    const deadline = Deadline.after(UNLOCK_LIMIT_MS)
    await this.#lease
      .query(`select pg_advisory_unlock($1, $2)`, [LOCK_SPACE, LEAD], { deadline })
      .catch(() => {})
    this.#lease.release('destroy')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}

/** A pooler tells its clients another process id than the server's, and may give the lock's connection to somebody else. */
async function assertOwnServerConnection(lease: Lease): Promise<void> {
  const { rows } = await lease.query<{ pid: number }>('select pg_backend_pid() as pid')
  if (rows[0]?.pid === lease.backendPid) return
  throw new UsageError(
    'MIGRATION_POOLER',
    'a pooler such as PgBouncer stands between here and the server: the migration lock lives as long as a server connection, which a pooler hands on. Give the profile of migrations the address of the server itself',
  )
}

async function tryEnter(
  connection: Connection,
  scope: 'transaction' | 'session',
): Promise<boolean> {
  const take = scope === 'transaction' ? 'pg_try_advisory_xact_lock' : 'pg_try_advisory_lock'
  const { rows } = await connection.query<{ free: boolean }>(`select ${take}($1, $2) as free`, [
    LOCK_SPACE,
    WORK,
  ])
  return rows[0]?.free === true
}

interface Wait {
  readonly deadline: Deadline
  readonly signal: AbortSignal | undefined
  readonly onEvent: LockOptions['onEvent']
}

async function waitFor(lease: Lease, which: number, wait: Wait): Promise<void> {
  const { deadline, signal, onEvent } = wait
  const startedWithMs = deadline.remainingMs
  let reportAtMs = 0
  let reported: number | undefined
  for (let attempt = 1; ; attempt += 1) {
    const { rows } = await lease.query<{ free: boolean }>(
      `select pg_try_advisory_lock($1, $2) as free`,
      [LOCK_SPACE, which],
      { signal },
    )
    if (rows[0]?.free === true) return

    const holder = await holderOf(lease, which)
    const waitedMs = Math.round(startedWithMs - deadline.remainingMs)
    if (deadline.expired) throw lockTimeout(waitedMs, holder)
    if (holder?.pid !== reported || waitedMs >= reportAtMs) {
      onEvent?.({ event: 'waiting', waitedMs, ...(holder && { holder }) })
      reported = holder?.pid
      reportAtMs = waitedMs + REPORT_EVERY_MS
    }
    const pauseMs = Math.min(50 + backoffMs(attempt, { baseMs: 100 }), deadline.remainingMs)
    await delay(pauseMs, undefined, { ...(signal && { signal }) }).catch((cause: unknown) => {
      throw new CancelledError('the caller gave up while it waited for the migration lock', {
        cause,
      })
    })
  }
}

function lockTimeout(waitedMs: number, holder: LockHolder | undefined): MigrationError {
  const end =
    holder === undefined
      ? ''
      : `; if it hangs, end it with: select pg_terminate_backend(${holder.pid})`
  return new MigrationError(
    'MIGRATION_LOCK_TIMEOUT',
    `the migration lock was not free within ${waitedMs} ms: held by ${describeHolder(holder)}. ` +
      `Nothing was changed. Run the command again when that deployer is done${end}`,
    { retryable: true },
  )
}

function lockLost(cause: unknown): MigrationError {
  return new MigrationError(
    'MIGRATION_LOCK_LOST',
    'the connection that holds the migration lock broke, so that another deployer may lead now. A revision that was under way is not recorded; run the command again',
    { retryable: true, cause },
  )
}
