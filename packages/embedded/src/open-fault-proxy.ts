import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { EmbeddedError } from './embedded-error.ts'
import type {
  BlackHoleOptions,
  DirectionOptions,
  FaultProxy,
  FaultProxyOptions,
  ProxyStats,
} from './fault-proxy.ts'
import { ArmedRule, type FaultAction, type HoldRule, type MessageMatch } from './fault-rule.ts'
import type { LaneShape } from './link-lane.ts'
import type { MessagePlan } from './message-splitter.ts'
import { freePort } from './port.ts'
import type { Direction, Frame } from './protocol-framing.ts'
import { type LinkOwner, ProxyLink } from './proxy-link.ts'
import { type Recording, TrafficCounter, TrafficRecorder } from './traffic.ts'

/** A type that no message has, in the length of a message without a body. */
const unknownMessage: Buffer = Buffer.from([0xff, 0, 0, 0, 4])

/**
 * Starts a proxy on a free port of 127.0.0.1. The server need not run yet: a client is reset if it cannot be reached.
 *
 * @throws {EmbeddedError} `PROXY_TARGET` if the url names no TCP host
 */
export async function openFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const url = targetUrl(options.target)
  const proxy = new RunningProxy(url)
  await proxy.listen(await freePort())
  return proxy
}

class RunningProxy implements FaultProxy, LinkOwner {
  readonly target: { readonly host: string; readonly port: number }
  readonly shapes: Record<Direction, LaneShape> = { toServer: unshaped(), toClient: unshaped() }
  readonly #targetUrl: URL
  readonly #links = new Set<ProxyLink>()
  readonly #swallowed = new Set<Socket>()
  readonly #rules = new Set<ArmedRule>()
  readonly #recorders = new Set<TrafficRecorder>()
  readonly #counter = new TrafficCounter()
  readonly #bytes: Record<Direction, number> = { toServer: 0, toClient: 0 }
  #bytesLost = 0
  #listener: Server | undefined
  #port = 0
  #opened = 0
  #swallows = false

  constructor(url: URL) {
    this.#targetUrl = url
    // An IPv6 address stands in brackets in a url, and in none for a socket.
    this.target = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 5432) }
  }

  get url(): string {
    const changed = new URL(this.#targetUrl)
    changed.hostname = '127.0.0.1'
    changed.port = String(this.#port)
    return changed.href
  }

  get port(): number {
    return this.#port
  }

  async listen(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    )
    server.listen({ port, host: '127.0.0.1', exclusive: true })
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new EmbeddedError('PORT_TAKEN', `port ${port} of the fault proxy is taken.`, { cause })
    }
    this.#listener = server
    this.#port = port
  }

  cut(): void {
    for (const link of this.#links) link.cut()
    for (const socket of this.#swallowed) socket.resetAndDestroy()
  }

  halfClose(): void {
    for (const link of this.#links) link.halfClose()
  }

  garbage(bytes: Uint8Array = unknownMessage): void {
    for (const link of this.#links) link.garbage(Buffer.from(bytes))
  }

  blackHole(options: BlackHoleOptions = {}): void {
    const { existing = true, future = true } = options
    if (future) this.#swallows = true
    if (existing) for (const link of this.#links) link.blackHole()
  }

  silentAccept(): void {
    this.blackHole({ existing: false })
  }

  refuse(): void {
    this.#listener?.close()
    this.#listener = undefined
  }

  delay(ms: number, options: DirectionOptions = {}): void {
    this.#reshape({ delayMs: ms }, options)
  }

  throttle(bytesPerSecond: number, options: DirectionOptions = {}): void {
    this.#reshape({ bytesPerSecond }, options)
  }

  async heal(): Promise<void> {
    this.#swallows = false
    this.#reshape(unshaped())
    for (const link of this.#links) link.heal()
    if (!this.#listener) await this.listen(this.#port)
  }

  when(match: MessageMatch, action: FaultAction): HoldRule {
    const rule = new ArmedRule(match, action, unknownMessage)
    this.#rules.add(rule)
    return rule
  }

  stats(): ProxyStats {
    const { flights, roundTrips, statements } = this.#counter
    return {
      open: this.#links.size + this.#swallowed.size,
      opened: this.#opened,
      bytesToServer: this.#bytes.toServer,
      bytesToClient: this.#bytes.toClient,
      bytesLost: this.#bytesLost,
      ...{ flights, roundTrips, statements },
    }
  }

  record(): Recording {
    const recorder = new TrafficRecorder((stopped) => this.#recorders.delete(stopped))
    this.#recorders.add(recorder)
    return recorder
  }

  async close(): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    const closed = listener && new Promise((resolve) => listener.close(resolve))
    for (const link of this.#links) link.destroy()
    for (const socket of this.#swallowed) socket.destroy()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  onMessage(link: ProxyLink, direction: Direction, frame: Frame): MessagePlan | undefined {
    const { connection } = link
    this.#counter.see(connection, frame)
    for (const recorder of this.#recorders) recorder.see(connection, direction, frame)
    for (const rule of this.#rules) {
      if (rule.isOver) this.#rules.delete(rule)
      const plan = rule.plan(direction, frame, link)
      if (plan) return plan
    }
    return undefined
  }

  onForwarded(direction: Direction, bytes: number): void {
    this.#bytes[direction] += bytes
  }

  onLost(bytes: number): void {
    this.#bytesLost += bytes
  }

  onClosed(link: ProxyLink): void {
    this.#links.delete(link)
    this.#counter.forget(link.connection)
  }

  #accept(socket: Socket): void {
    this.#opened++
    if (!this.#swallows) {
      this.#links.add(new ProxyLink(this.#opened, socket, this))
      return
    }
    this.#swallowed.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#swallowed.delete(socket))
    socket.on('data', (bytes) => this.onLost(bytes.length))
  }

  #reshape(change: Partial<LaneShape>, options: DirectionOptions = {}): void {
    for (const [direction, shape] of Object.entries(this.shapes)) {
      if (!options.direction || options.direction === direction) Object.assign(shape, change)
    }
    for (const link of this.#links) link.reshape()
  }
}

function unshaped(): LaneShape {
  return { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY }
}

function targetUrl(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url?.hostname && !url.searchParams.has('host')) return url
  throw new EmbeddedError(
    'PROXY_TARGET',
    'the target of a fault proxy is the url of a server that listens on TCP, as postgres://user@host:5432/database.',
  )
}
