import type { Engine } from '@aquifer/core'
import type { RunningWorker } from '@aquifer/jobs/worker'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

type PoolOwner = Pick<Engine<never>, 'profile' | 'stats'>

/** The numbers of one process: Node's own, jobs, and the pools. */
export function createMetrics(worker: RunningWorker, engines: readonly PoolOwner[]): Registry {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'aquifer_jobs_active',
    help: 'Jobs that are being run.',
    registers,
    collect() {
      this.set(worker.health().active)
    },
  })
  new Counter({
    name: 'aquifer_job_runs_total',
    help: 'Runs of jobs that have ended, by how.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset()
      for (const [outcome, count] of Object.entries(worker.health().runs))
        this.inc({ outcome }, count)
    },
  })
  if (worker.health().relay !== undefined) watchRelay(worker, registry)
  watchPools(engines, registry)
  return registry
}

function watchRelay(worker: RunningWorker, registry: Registry): void {
  new Counter({
    name: 'aquifer_outbox_handed_over_total',
    help: 'Jobs that were handed over from the outbox to Redis.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(worker.health().relay?.handedOver ?? 0)
    },
  })
  new Gauge({
    name: 'aquifer_outbox_failures',
    help: 'Failed looks at the outbox since the last one that worked.',
    registers: [registry],
    collect() {
      this.set(worker.health().relay?.failures ?? 0)
    },
  })
}

function watchPools(engines: readonly PoolOwner[], registry: Registry): void {
  const registers = [registry]
  const labelNames = ['pool', 'state'] as const
  new Gauge({
    name: 'aquifer_pool_connections',
    help: 'Connections of a pool by what they do.',
    labelNames,
    registers,
    collect() {
      for (const engine of engines) {
        const pool = engine.profile.name
        const { idle, inUse, connecting } = engine.stats()
        this.set({ pool, state: 'idle' }, idle)
        this.set({ pool, state: 'in_use' }, inUse)
        this.set({ pool, state: 'connecting' }, connecting)
      }
    },
  })
  new Gauge({
    name: 'aquifer_pool_waiting',
    help: 'Callers that wait for a connection.',
    labelNames: ['pool'],
    registers,
    collect() {
      for (const engine of engines) this.set({ pool: engine.profile.name }, engine.stats().waiting)
    },
  })
}
