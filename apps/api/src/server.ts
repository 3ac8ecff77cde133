import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { StartError } from './start-error.ts'

/** A listening HTTP server. */
export interface HttpServer {
  readonly port: number
  /** Takes no new connection, lets running requests finish for up to `limitMs`, then cuts what is left. */
  stop(limitMs: number): Promise<void>
}

const HEADERS_WITHIN_MS = 10_000
const REQUEST_WITHIN_MS = 30_000

/**
 * Serves `app` on `port`; 0 takes a free one.
 *
 * @throws {StartError} that says what to do if the port cannot be had
 */
export async function listen(app: Pick<Hono, 'fetch'>, port: number): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS },
  }) as Server
  server.listen(port)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(explain(error, port), { cause: error })
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: (limitMs) => stop(server, limitMs),
  }
}

async function stop(server: Server, limitMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const limit = setTimeout(() => server.closeAllConnections(), limitMs)
  await closed
  clearTimeout(limit)
}

function explain({ code, message }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} is taken by another program: stop that, or choose another port with PORT=`
  }
  if (code === 'EACCES')
    return `port ${port} needs rights that this process lacks: choose another with PORT=`
  return `cannot listen on port ${port}: ${message}`
}
