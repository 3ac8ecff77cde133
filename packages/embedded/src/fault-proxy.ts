import type { FaultAction, FaultRule, HoldRule, MessageMatch } from './fault-rule.ts'
import type { Direction } from './protocol-framing.ts'
import type { Recording, TrafficCounts } from './traffic.ts'

/** Between which client and server to stand. */
export interface FaultProxyOptions {
  /** The url of the server; host and port are where the proxy connects to for each client. */
  target: string
}

/** Which direction of the connections a fault is for. */
export interface DirectionOptions {
  /** @default both */
  direction?: Direction
}

/** Which connections fall into a black hole. */
export interface BlackHoleOptions {
  /** Those that are open. @default true */
  existing?: boolean
  /** Those that will be opened. @default true */
  future?: boolean
}

/** What has gone through a proxy so far. */
export interface ProxyStats extends TrafficCounts {
  /** Connections that are open on either side. */
  readonly open: number
  /** Connections that clients have made, those in a black hole included. */
  readonly opened: number
  readonly bytesToServer: number
  readonly bytesToClient: number
  /** Bytes of both sides that have vanished in a black hole. */
  readonly bytesLost: number
}

/**
 * A TCP proxy in front of a PostgreSQL server that does to connections what networks and servers do on bad days.
 * Without a fault it forwards every byte at once. It reads the protocol as it passes; of an encrypted connection
 * it sees nothing after SSLRequest, so rules, recordings and the counts of statements do not know those.
 */
export interface FaultProxy extends AsyncDisposable {
  /** The target's url with host and port of the proxy. */
  readonly url: string
  readonly port: number
  /** Resets every open connection. The server receives what has left before, and then the end of the stream. */
  cut(): void
  /** Ends the stream to the client on every open connection; what the client sends still arrives. */
  halfClose(): void
  /** Sends bytes to the clients that the server has not sent. @default a message of an unknown type */
  garbage(bytes?: Uint8Array): void
  /** Bytes vanish both ways, and neither side hears of the other's end. New connections are accepted. */
  blackHole(options?: BlackHoleOptions): void
  /** New connections are accepted and never answered: `blackHole({ existing: false })`. */
  silentAccept(): void
  /** New connections are refused, as by a machine on which nothing listens. */
  refuse(): void
  /** Bytes arrive so much later; any number of them may be on their way. 0 ends it. */
  delay(ms: number, options?: DirectionOptions): void
  /** Each connection carries so many bytes per second. `Infinity` ends it. */
  throttle(bytesPerSecond: number, options?: DirectionOptions): void
  /**
   * Ends black hole, refusal, delay and throttle. A connection of which bytes have vanished stays dead, and what was
   * cut stays cut. Rules stay.
   *
   * @throws {EmbeddedError} `PORT_TAKEN` if it refused connections and another program listens there by now
   */
  heal(): Promise<void>
  /** Takes an action at a message, see `FaultAction`; `fired` of the rule tells when. */
  when(match: MessageMatch, action: 'hold'): HoldRule
  when(match: MessageMatch, action: FaultAction): FaultRule
  stats(): ProxyStats
  /** Writes down the messages that pass from now on. */
  record(): Recording
  /** Ends the proxy and every connection through it. */
  close(): Promise<void>
}
