import { connect } from 'node:net'

const CANCEL_REQUEST_CODE = 80877102
const LIMIT_MS = 2_000

/** Where a backend listens, and what identifies it to a CancelRequest. */
export interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly processId: number
  readonly secretKey: number
}

/**
 * Asks the server, on a fresh socket, to cancel what a backend is doing. Resolves when the server has
 * closed the socket, that is when the request has been passed on, or when it could not be.
 *
 * @see "Canceling Requests in Progress" in the PostgreSQL protocol documentation
 */
export function sendCancelRequest(target: CancelTarget): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = target.host.startsWith('/')
    ? connect(`${target.host}/.s.PGSQL.${target.port}`)
    : connect(target.port, target.host)
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(CANCEL_REQUEST_CODE, 4)
  message.writeInt32BE(target.processId, 8)
  message.writeInt32BE(target.secretKey, 12)
  socket.setTimeout(LIMIT_MS, () => socket.destroy())
  socket.once('connect', () => socket.write(message))
  socket.once('error', () => socket.destroy())
  socket.once('close', () => resolve())
  socket.resume()
  return promise
}
