import { connect, type Socket } from 'node:net'
import { type LaneShape, LinkLane } from './link-lane.ts'
import { type MessagePlan, MessageSplitter } from './message-splitter.ts'
import { type Direction, type Frame, ProtocolFraming } from './protocol-framing.ts'

/** What a link asks and tells the proxy that it belongs to. */
export interface LinkOwner {
  readonly target: { readonly host: string; readonly port: number }
  readonly shapes: Readonly<Record<Direction, LaneShape>>
  onMessage(link: ProxyLink, direction: Direction, frame: Frame): MessagePlan | undefined
  onForwarded(direction: Direction, bytes: number): void
  onLost(bytes: number): void
  onClosed(link: ProxyLink): void
}

/** One connection through a proxy: a client's socket, one to the server, and a lane each way. */
export class ProxyLink {
  /** Counts from 1 in the order in which clients connected. */
  readonly connection: number
  readonly #owner: LinkOwner
  readonly #client: Socket
  readonly #server: Socket
  readonly #framing = new ProtocolFraming()
  readonly #lanes: Record<Direction, LinkLane>
  #isBlack = false
  #hasLost = false
  #isCut = false

  constructor(connection: number, client: Socket, owner: LinkOwner) {
    this.connection = connection
    this.#owner = owner
    this.#client = client
    this.#server = connect({ ...owner.target, allowHalfOpen: true, noDelay: true })
    this.#lanes = {
      toServer: this.#lane('toServer', client, this.#server),
      toClient: this.#lane('toClient', this.#server, client),
    }
    for (const socket of [client, this.#server]) {
      socket.on('close', () => {
        if (client.destroyed && this.#server.destroyed) owner.onClosed(this)
      })
    }
  }

  /** Resets the client's side. The server receives what has left before and then the end of the stream. */
  cut(): void {
    this.#isCut = true
    for (const lane of Object.values(this.#lanes)) lane.drop()
    this.#client.resetAndDestroy()
    this.#server.end()
  }

  /** Tells the client that nothing more comes, as a proxy or a dying server does; its bytes still arrive. */
  halfClose(): void {
    this.#lanes.toClient.drop()
    this.#client.end()
  }

  /** From now on bytes vanish both ways, and neither side hears of the other's end. */
  blackHole(): void {
    this.#isBlack = true
    for (const lane of Object.values(this.#lanes)) {
      if (lane.drop()) this.#hasLost = true
    }
  }

  /** Ends a black hole that has swallowed nothing yet. Lost bytes do not come back, so other links stay dead. */
  heal(): void {
    if (this.#isBlack && !this.#hasLost) {
      this.#isBlack = false
      for (const lane of Object.values(this.#lanes)) lane.reopen()
    }
    this.reshape()
  }

  garbage(bytes: Buffer): void {
    this.#lanes.toClient.inject(bytes)
  }

  /** The shape of the lanes has changed. */
  reshape(): void {
    for (const lane of Object.values(this.#lanes)) lane.pump()
  }

  destroy(): void {
    this.#isCut = true
    for (const lane of Object.values(this.#lanes)) lane.drop()
    this.#client.destroy()
    this.#server.destroy()
  }

  #lane(direction: Direction, from: Socket, to: Socket): LinkLane {
    const owner = this.#owner
    const lane = new LinkLane(from, to, owner.shapes[direction], (bytes) =>
      owner.onForwarded(direction, bytes),
    )
    const splitter = new MessageSplitter(direction, this.#framing, lane, (frame) =>
      owner.onMessage(this, direction, frame),
    )
    from.on('data', (chunk: Buffer) => {
      if (this.#isBlack) {
        this.#hasLost = true
        owner.onLost(chunk.length)
      } else if (!this.#isCut) splitter.push(chunk)
    })
    from.on('end', () => {
      if (this.#isBlack) this.#hasLost = true
      else if (this.#isCut) to.destroy()
      else {
        splitter.end()
        lane.effect(() => void to.end())
      }
    })
    from.on('error', () => {
      if (this.#isBlack) this.#hasLost = true
      else if (this.#isCut) to.destroy()
      else {
        lane.drop()
        to.resetAndDestroy()
      }
    })
    return lane
  }
}
