import type { Engine } from '@aquifer/core'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** The numbers of one process, in a registry of its own. */
export interface Metrics {
  readonly registry: Registry
  /** How long answers took, by route template: a path with ids in it would be a series per row. */
  readonly requestSeconds: Histogram<'method' | 'route' | 'status'>
}

const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const WAIT_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2]

type PoolOwner = Pick<Engine<never>, 'events' | 'stats'>

/** Node's own numbers, requests, and the engine's pool. */
export function createMetrics(engine: PoolOwner): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  watchPool(engine, registry)
  const requestSeconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS,
    registers: [registry],
  })
  return { registry, requestSeconds }
}

function watchPool(engine: PoolOwner, registry: Registry): void {
  const registers = [registry]

  new Gauge({
    name: 'aquifer_pool_connections',
    help: 'Connections of the pool by what they do.',
    labelNames: ['state'],
    registers,
    collect() {
      const { idle, inUse, connecting, doubtful, closing } = engine.stats()
      this.set({ state: 'idle' }, idle)
      this.set({ state: 'in_use' }, inUse)
      this.set({ state: 'connecting' }, connecting)
      this.set({ state: 'doubtful' }, doubtful)
      this.set({ state: 'closing' }, closing)
    },
  })
  new Gauge({
    name: 'aquifer_pool_connections_limit',
    help: 'The most connections the pool may open: size and overflow.',
    registers,
    collect() {
      this.set(engine.stats().limit)
    },
  })
  new Gauge({
    name: 'aquifer_pool_waiting',
    help: 'Callers that wait for a connection.',
    registers,
    collect() {
      this.set(engine.stats().waiting)
    },
  })

  const opened = new Counter({
    name: 'aquifer_pool_connections_opened_total',
    help: 'Connections opened.',
    registers,
  })
  const closed = new Counter({
    name: 'aquifer_pool_connections_closed_total',
    help: 'Connections closed, by the reason.',
    labelNames: ['reason'],
    registers,
  })
  const turnedAway = new Counter({
    name: 'aquifer_pool_timeouts_total',
    help: 'Callers turned away because no connection became free in time.',
    registers,
  })
  const waited = new Histogram({
    name: 'aquifer_pool_wait_seconds',
    help: 'How long callers waited for a connection.',
    buckets: WAIT_BUCKETS,
    registers,
  })
  engine.events.on('connect', () => opened.inc())
  engine.events.on('close', ({ reason }) => closed.inc({ reason }))
  engine.events.on('timeout', () => turnedAway.inc())
  engine.events.on('checkout', ({ waitedMs }) => waited.observe(waitedMs / 1000))
}
