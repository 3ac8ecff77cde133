import { Deadline, type Engine, type Lease } from '@aquifer/core'

/** A connection that holds, or waits in front of us for, a lock that a statement waits for. */
export interface Blocker {
  readonly pid: number
  readonly applicationName: string
  /** The role that it runs as. */
  readonly user: string
  /** As in pg_stat_activity: `active`, `idle in transaction`, ...; absent if the server does not show it to this user. */
  readonly state?: string
  /** When its transaction began. */
  readonly since?: Date
}

const BLOCKERS = `select activity.pid, application_name as "applicationName", usename as user, state, xact_start as since
  from pg_stat_activity activity where pid = any (pg_blocking_pids($1)) order by xact_start, pid`

const LONGEST_PAUSE_MS = 500
const LOOK_LIMIT_MS = 2_000

/** Looks again and again, on a connection of its own, whom the connection that works is waiting for. */
export class BlockWatch implements AsyncDisposable {
  readonly #engine: Engine<unknown>
  readonly #onChange: (by: readonly Blocker[]) => void
  readonly #everyMs: number
  readonly #possible: boolean
  #pid: number | undefined
  #last: readonly Blocker[] = []
  #timer: NodeJS.Timeout | undefined
  #lease: Lease | undefined
  #look: Promise<void> = Promise.resolve()
  #ended = false

  /** @param onChange called when others than before are in the way */
  constructor(engine: Engine<unknown>, onChange: (by: readonly Blocker[]) => void) {
    const { size, overflow, lockTimeoutMs } = engine.profile
    this.#engine = engine
    this.#onChange = onChange
    this.#everyMs = Math.min(LONGEST_PAUSE_MS, lockTimeoutMs / 5)
    // Without a third connection nobody can look.
    this.#possible = size + overflow >= 3
    this.#schedule()
  }

  /** Those who were last seen in the way since the call of `watch`. */
  get last(): readonly Blocker[] {
    return this.#last
  }

  /** Watches for this connection from now on. */
  watch(pid: number): void {
    this.#pid = pid
    this.#last = []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    await this.#look
    this.#lease?.release('destroy')
  }

  #schedule(): void {
    if (!this.#possible || this.#ended) return
    this.#timer = setTimeout(() => {
      // Whoever cannot be asked now is asked the next time: what is watched goes on all the same.
      this.#look = this.#lookOnce().catch(() => {
        this.#lease?.release('destroy')
        this.#lease = undefined
      })
      void this.#look.then(() => this.#schedule())
    }, this.#everyMs)
  }

  async #lookOnce(): Promise<void> {
    const pid = this.#pid
    if (pid === undefined) return
    const deadline = Deadline.after(LOOK_LIMIT_MS)
    this.#lease ??= await this.#engine.acquire({ deadline })
    const { rows } = await this.#lease.query<Blocker>(BLOCKERS, [pid], { deadline })
    if (rows.length === 0 || pid !== this.#pid || this.#ended) return
    const isNew = rows.map((row) => row.pid).join() !== this.#last.map((row) => row.pid).join()
    this.#last = rows
    if (isNew) this.#onChange(rows)
  }
}

/** `pid 4711 (shop:api@1.2.0 as app, idle in transaction since 2026-11-23T20:15:00.000Z)` */
export function describeBlocker({ pid, applicationName, user, state, since }: Blocker): string {
  const name = `${applicationName || 'without application_name'} as ${user}`
  const doing = [state, since && `since ${since.toISOString()}`].filter(Boolean).join(' ')
  return `pid ${pid} (${[name, doing].filter(Boolean).join(', ')})`
}
