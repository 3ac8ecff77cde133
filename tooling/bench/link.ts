import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What is told of one connection as it goes over the link. */
export interface LinkObserver {
  /** The client has handed over a chunk. */
  sent(chunk: Buffer): void
  /** The client gets a chunk. */
  received(): void
}

/** A link to a server that takes its time. */
export interface Link extends AsyncDisposable {
  /** The address of the server, by way of the link. */
  readonly url: string
}

/** How long each direction takes, and who watches a connection that is opened. */
export interface LinkOptions {
  readonly oneWayMs: number
  readonly observe?: () => LinkObserver
}

/** Opens a way to the server at `url` on which every chunk arrives `oneWayMs` later, in its order. */
export async function openLink(url: string, { oneWayMs, observe }: LinkOptions): Promise<Link> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const observer = observe?.()
    const options = { host: target.hostname, port: Number(target.port) }
    const far = connect({ ...options, noDelay: true, allowHalfOpen: true })
    const toServer = delayLine(oneWayMs)
    const toClient = delayLine(oneWayMs)
    near.on('data', (chunk) => {
      observer?.sent(chunk)
      toServer(() => far.write(chunk))
    })
    near.on('end', () => toServer(() => far.end()))
    far.on('data', (chunk) =>
      toClient(() => {
        observer?.received()
        near.write(chunk)
      }),
    )
    far.on('end', () => toClient(() => near.end()))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => sockets.delete(one))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Calls what it is given after `delayMs`, one after the other. */
function delayLine(delayMs: number): (deliver: () => void) => void {
  const waiting: { readonly dueAt: number; readonly deliver: () => void }[] = []
  const pump = () => {
    while (waiting[0] !== undefined && waiting[0].dueAt <= performance.now()) {
      waiting.shift()?.deliver()
    }
    // A timer is no finer than a millisecond.
    if (waiting.length > 0) setImmediate(pump)
  }
  return (deliver) => {
    waiting.push({ dueAt: performance.now() + delayMs, deliver })
    if (waiting.length === 1) setImmediate(pump)
  }
}
