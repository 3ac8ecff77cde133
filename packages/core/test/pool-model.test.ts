import { reportFault } from '@aquifer/embedded'
import fc from 'fast-check'
import { expect, inject, test } from 'vitest'
import { type CloseReason, Deadline, type Lease, type PoolStats } from '../src/index.ts'
import { engineOf, setup, type World } from './setup.ts'

const SEED = 20_260_418
const LIMIT = 4

/** What the pool has to look like, known without asking it: who holds a lease and who stands in line, in this order. */
interface Model {
  readonly held: number[]
  readonly waiting: number[]
  steps: number
}

/** A lease in somebody's hands. */
interface Held {
  readonly lease: Lease
  readonly pid: number
  readonly lost: Promise<void>
}

/** The pool with its callers, and what they have got. */
class Real {
  readonly world: World
  readonly held = new Map<number, Held>()
  readonly pending = new Map<number, { stop: AbortController; settled: Promise<void> }>()
  readonly errors = new Map<number, { code?: unknown }>()
  readonly closed = new Map<number, CloseReason>()
  readonly opened = new Set<number>()
  readonly violations: string[] = []
  #callers = 0

  constructor(world: World) {
    this.world = world
    const { events } = world.engine
    events.on('close', ({ backendPid, reason }) => {
      this.closed.set(backendPid, reason)
      this.lookAtStats()
    })
    events.on('connect', ({ backendPid }) => this.opened.add(backendPid))
    for (const name of ['connect', 'checkout', 'checkin', 'wait'] as const)
      events.on(name, () => this.lookAtStats())
  }

  get stats(): PoolStats {
    return this.world.engine.stats()
  }

  /** Holds at every moment, also in the middle of a step. */
  lookAtStats(): void {
    const { total, closing, idle, inUse, connecting, doubtful } = this.stats
    if (total + closing > LIMIT) this.violations.push(`${total} + ${closing} connections`)
    if (idle + inUse + connecting + doubtful > total) this.violations.push('more parts than total')
  }

  /** A new caller, who is not waited for. */
  ask(deadline?: Deadline): number {
    this.#callers += 1
    const caller = this.#callers
    const stop = new AbortController()
    const asked = this.world.engine.acquire({ signal: stop.signal, deadline })
    const settled = asked.then(
      (lease) => this.#onServed(caller, lease),
      (error) => {
        this.pending.delete(caller)
        this.errors.set(caller, error)
      },
    )
    this.pending.set(caller, { stop, settled })
    return caller
  }

  #onServed(caller: number, lease: Lease): void {
    this.pending.delete(caller)
    for (const earlier of this.pending.keys())
      if (earlier < caller) this.violations.push(`${caller} was served before ${earlier}`)
    for (const { pid, lease: other } of this.held.values())
      if (pid === lease.backendPid && other.usable) this.violations.push(`${pid} was lent twice`)
    const lost = new Promise<void>((resolve) => lease.onLost(() => resolve()))
    this.held.set(caller, { lease, pid: lease.backendPid, lost })
  }

  /** Resolves when nothing is under way; a caller that waits although there is room is a violation. */
  async quiet(): Promise<void> {
    for (const startedAt = performance.now(); !this.#isQuiet(); ) {
      if (performance.now() - startedAt > 10_000) {
        this.violations.push(`${this.pending.size} callers were forgotten`)
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #isQuiet(): boolean {
    const { total, closing, idle, inUse, waiting } = this.stats
    const served = waiting === 0 || inUse === LIMIT
    return total === idle + inUse && closing === 0 && served && this.pending.size === waiting
  }
}

/** One step, after which the pool has to agree with the model. */
class Step implements fc.AsyncCommand<Model, Real> {
  readonly name: string
  readonly #isPossible: (model: Model) => boolean
  readonly #run: (model: Model, real: Real) => Promise<void>

  constructor(
    name: string,
    run: (model: Model, real: Real) => Promise<void>,
    isPossible: (model: Model) => boolean = () => true,
  ) {
    this.name = name
    this.#run = run
    this.#isPossible = isPossible
  }

  check(model: Readonly<Model>): boolean {
    return this.#isPossible(model)
  }

  async run(model: Model, real: Real): Promise<void> {
    model.steps += 1
    await this.#run(model, real)
    while (model.waiting.length > 0 && model.held.length < LIMIT)
      model.held.push(model.waiting.shift() as number)
    await real.quiet()
    expect([...real.held.keys()].toSorted()).toEqual(model.held.toSorted())
    expect([...real.pending.keys()]).toEqual(model.waiting)
    expect(real.stats).toMatchObject({ inUse: model.held.length, waiting: model.waiting.length })
    expect(real.violations).toEqual([])
  }

  toString(): string {
    return this.name
  }
}

const anyHeld = ({ held }: Model) => held.length > 0
const anyWaiting = ({ waiting }: Model) => waiting.length > 0

function chosen<T>(list: readonly T[], luck: number): T {
  return list[luck % list.length] as T
}

/** The outcome of a caller that may or may not have been in time is the pool's to say. */
async function adopt(model: Model, real: Real, caller: number, code: string): Promise<void> {
  await real.pending.get(caller)?.settled
  if (real.held.has(caller)) model.held.push(caller)
  else expect(real.errors.get(caller)).toMatchObject({ code })
}

const asks = fc.integer({ min: 1, max: 3 }).map(
  (count) =>
    new Step(`ask(${count})`, async (model, real) => {
      for (let n = 0; n < count; n += 1) model.waiting.push(real.ask())
    }),
)

const asksBriefly = fc.integer({ min: 0, max: 6 }).map(
  (limitMs) =>
    new Step(`askBriefly(${limitMs})`, async (model, real) => {
      const caller = real.ask(Deadline.after(limitMs))
      await adopt(model, real, caller, 'DEADLINE_EXCEEDED')
    }),
)

const asksAndLeaves = fc.constant(
  new Step('askAndLeave', async (model, real) => {
    const caller = real.ask()
    real.pending.get(caller)?.stop.abort()
    await adopt(model, real, caller, 'CANCELLED')
  }),
)

const leaves = fc.nat(9).map(
  (luck) =>
    new Step(
      `leave(${luck})`,
      async (model, real) => {
        const caller = chosen(model.waiting, luck)
        const { stop, settled } = real.pending.get(caller) ?? {}
        stop?.abort()
        await settled
        expect(real.errors.get(caller)).toMatchObject({ code: 'CANCELLED' })
        model.waiting.splice(model.waiting.indexOf(caller), 1)
      },
      anyWaiting,
    ),
)

/** What a holder does last, and why its connection may be closed then; undefined if it may be kept. */
const endings: Record<string, readonly [(held: Held) => Promise<unknown>, ...CloseReason[]]> = {
  clean: [({ lease }) => lease.query('select 1'), 'overflow', 'invalidated'],
  untouched: [async () => {}, 'overflow', 'invalidated'],
  failed: [({ lease }) => lease.query('select 1 / 0').catch(() => {}), 'overflow', 'invalidated'],
  dirty: [({ lease }) => lease.query("set work_mem to '1MB'"), 'sessionState'],
  inTransaction: [({ lease }) => lease.query('begin'), 'openTransaction'],
  inFailedTransaction: [
    ({ lease }) => lease.query('begin; select 1 / 0').catch(() => {}),
    'openTransaction',
  ],
  inFlight: [
    async ({ lease }) => void lease.query('select pg_sleep(60)').catch(() => {}),
    'inFlight',
  ],
  givenUp: [givesUp, 'doubtful', 'overflow', 'invalidated'],
}
const mustClose = new Set(['dirty', 'inTransaction', 'inFailedTransaction', 'inFlight', 'destroy'])

async function givesUp({ lease }: Held): Promise<void> {
  const stop = new AbortController()
  const running = lease.query('select pg_sleep(60)', [], { signal: stop.signal })
  stop.abort()
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
}

const releases = fc.tuple(fc.nat(9), fc.constantFrom(...Object.keys(endings), 'destroy')).map(
  ([luck, how]) =>
    new Step(
      `release(${luck}, ${how})`,
      async (model, real) => {
        const caller = chosen(model.held, luck)
        const held = real.held.get(caller) as Held
        const [act, ...reasons] = endings[how] ?? [async () => {}, 'asked' as const]
        const isDead = !held.lease.usable
        await act(held).catch((error) => {
          if (!isDead) throw error
        })
        real.held.delete(caller)
        model.held.splice(model.held.indexOf(caller), 1)
        held.lease.release(how === 'destroy' ? 'destroy' : 'clean')
        await real.quiet()
        const reason = real.closed.get(held.pid)
        if (isDead) expect(reason).toBe('lost')
        else if (mustClose.has(how) || reason !== undefined) expect(reasons).toContain(reason)
      },
      anyHeld,
    ),
)

const uses = fc.nat(9).map(
  (luck) =>
    new Step(
      `use(${luck})`,
      async (model, real) => {
        const { lease, pid } = real.held.get(chosen(model.held, luck)) as Held
        const answer = lease.query('select pg_backend_pid() as pid')
        if (lease.usable) expect(await answer).toMatchObject({ rows: [{ pid }] })
        else await expect(answer).rejects.toMatchObject({ kind: 'connection' })
      },
      anyHeld,
    ),
)

const killsLeased = fc.nat(9).map(
  (luck) =>
    new Step(
      `killLeased(${luck})`,
      async (model, real) => {
        const { lease, pid, lost } = real.held.get(chosen(model.held, luck)) as Held
        if (!lease.usable) return
        await real.world.witness('select pg_terminate_backend($1)', [pid])
        await lost
        expect(lease.usable).toBe(false)
      },
      anyHeld,
    ),
)

const killsIdle = fc.nat(9).map(
  (luck) =>
    new Step(`killIdle(${luck})`, async (_model, real) => {
      const leased = new Set([...real.held.values()].map(({ pid }) => pid))
      // The server may still show one that has been closed: only the pool knows which are idle.
      const idle = [...real.opened].filter((pid) => !real.closed.has(pid) && !leased.has(pid))
      if (idle.length === 0) return
      const pid = chosen(idle, luck)
      const closed = new Promise<void>((resolve) => {
        const off = real.world.engine.events.on('close', ({ backendPid, reason }) => {
          if (backendPid !== pid) return
          if (reason !== 'lost') real.violations.push(`a killed connection ended as ${reason}`)
          off()
          resolve()
        })
      })
      await real.world.witness('select pg_terminate_backend($1)', [pid])
      await closed
    }),
)

const invalidates = fc.constant(
  new Step('invalidate', async (_model, real) => {
    real.world.engine.invalidate()
    expect(real.stats.idle).toBe(0)
  }),
)

/** The end: waiters are turned away, leases taken away, and nothing is left. */
async function close(real: Real): Promise<void> {
  const pending = [...real.pending]
  await real.world.engine.close()
  await Promise.all(pending.map(([, { settled }]) => settled))
  for (const [caller] of pending)
    expect(real.errors.get(caller)).toMatchObject({ code: 'POOL_CLOSED' })
  for (const { lease } of real.held.values()) expect(lease.usable).toBe(false)
  expect(real.stats).toMatchObject({ total: 0, closing: 0, waiting: 0 })
  expect(real.violations).toEqual([])
  await expect(real.world.engine.acquire()).rejects.toMatchObject({ code: 'POOL_CLOSED' })
}

test('whatever its callers, the server and the network do, a pool keeps its word', async () => {
  const long = inject('faultProfile') === 'long'
  let steps = 0
  await using place = await setup()
  await fc.assert(
    fc.asyncProperty(
      fc.commands(
        [
          asks,
          asks,
          asksBriefly,
          asksAndLeaves,
          leaves,
          releases,
          releases,
          releases,
          uses,
          killsLeased,
          killsIdle,
          invalidates,
        ],
        { maxCommands: 150, size: 'max' },
      ),
      async (commands) => {
        await using engine = engineOf(place, {
          size: LIMIT / 2,
          overflow: LIMIT / 2,
          acquireTimeoutMs: 60_000,
          drainTimeoutMs: 5,
        })
        const real = new Real({ ...place, engine })
        const model: Model = { held: [], waiting: [], steps: 0 }
        await fc.asyncModelRun(() => ({ model, real }), commands)
        steps += model.steps
        await close(real)
      },
    ),
    { seed: SEED, numRuns: long ? 2_000 : 14 },
  )
  const profile = long ? 'long' : 'short'
  await reportFault({ row: 'pool model', profile, seed: SEED, count: steps, violations: 0 })
  expect(steps).toBeGreaterThan(long ? 100_000 : 500)
})
