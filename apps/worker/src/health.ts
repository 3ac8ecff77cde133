import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Engine } from '@aquifer/core'
import type { RunningWorker } from '@aquifer/jobs/worker'
import type { Registry } from 'prom-client'
import { StartError } from './start-error.ts'

/** What the health of the process is made of. */
export interface HealthParts {
  readonly worker: Pick<RunningWorker, 'health'>
  readonly engines: readonly Pick<Engine<never>, 'health' | 'profile'>[]
  readonly metrics: Registry
}

/** A listening health server. */
export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/**
 * Serves `/health/live` (the process runs), `/health/ready` (jobs are taken, each database answers)
 * and `/metrics`.
 *
 * @throws {StartError} if the port cannot be had
 */
export async function serveHealth(port: number, parts: HealthParts): Promise<HealthServer> {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = url.split('?', 1)[0]
    if (path === '/health/live') return sendJson(response, 200, { status: 'live' })
    if (path === '/health/ready') return sendReadiness(response, parts)
    if (path === '/metrics') return sendMetrics(response, parts.metrics)
    return sendJson(response, 404, { status: 'unknown path' })
  })
  server.listen(port)
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    const advice = 'stop the program that has it, or choose another port with WORKER_PORT='
    throw new StartError(`cannot listen on port ${port} (${cause.code}): ${advice}`, { cause })
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function sendReadiness(
  response: ServerResponse,
  { worker, engines }: HealthParts,
): Promise<void> {
  const { ok, transport, active, relay } = worker.health()
  const answers = await Promise.all(engines.map((engine) => engine.health()))
  const ready = ok && answers.every((answer) => answer.ok)
  const databases = engines.map(({ profile }, at) => {
    const { ok: answered, latencyMs } = answers[at] ?? { ok: false, latencyMs: 0 }
    return { pool: profile.name, ok: answered, latencyMs: Math.round(latencyMs * 10) / 10 }
  })
  const jobs = { ok, transport, active, ...(relay && { relay }) }
  sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', jobs, databases })
}

async function sendMetrics(response: ServerResponse, metrics: Registry): Promise<void> {
  const text = await metrics.metrics()
  response.writeHead(200, { 'content-type': metrics.contentType }).end(text)
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
