import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { after, monotonicMs, settledWithin } from '../time/clock.ts'

const CANCEL_REQUEST_CODE = 80877102
const TLS_REQUEST_CODE = 80877103
const TLS_ACCEPTED = 'S'
const AGAIN_AFTER_MS = 20

/** Where a backend listens, and what identifies it to a CancelRequest. */
export interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly processId: number
  readonly secretKey: number
  /** How the connection itself is encrypted; false if it is not. */
  readonly tls: ConnectionOptions | boolean
  /** TLS without asking for it first. */
  readonly directTls: boolean
}

/**
 * Asks the server, on a fresh socket, to cancel what a backend is doing.
 *
 * @returns whether the request is known to be delivered: the server closes the socket once it has passed it on. After
 *   `limitMs` without that, false
 * @see "Canceling Requests in Progress" in the PostgreSQL protocol documentation
 */
export function sendCancelRequest(target: CancelTarget, limitMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const open: Socket[] = []
  const done = (delivered: boolean) => {
    limit.cancel()
    for (const socket of open) socket.destroy()
    resolve(delivered)
  }
  const limit = after(limitMs, () => done(false))
  const watch = (socket: Socket) => {
    open.push(socket)
    return socket.on('error', () => done(false))
  }

  const socket = watch(
    target.host.startsWith('/')
      ? connect(`${target.host}/.s.PGSQL.${target.port}`)
      : connect(target.port, target.host),
  )
  const request = (over: Socket) => {
    over.once('close', () => done(true)).once('end', () => done(true))
    over.resume()
    over.write(cancelRequest(target))
  }
  const overTls = () => {
    const secure = watch(connectTls({ ...tlsOptions(target), socket }))
    secure.once('secureConnect', () => request(secure))
  }
  socket.once('connect', () => {
    if (target.tls === false) return request(socket)
    if (target.directTls) return overTls()
    socket.write(message(TLS_REQUEST_CODE))
    socket.once('data', (answer) => {
      if (answer.toString('latin1') === TLS_ACCEPTED) overTls()
      else done(false)
    })
  })
  return promise
}

/**
 * Sends a request, and again, ever more seldom, until the answers are there: one that overtakes its statement has no effect.
 *
 * @param quiet resolves when every answer has come
 * @returns whether all requests are known to be delivered
 */
export async function cancelUntil(
  quiet: Promise<void>,
  request: () => Promise<boolean>,
  limitMs: number,
): Promise<boolean> {
  const until = monotonicMs() + limitMs
  let isQuiet = false
  void quiet.then(() => {
    isQuiet = true
  })
  for (let waitMs = AGAIN_AFTER_MS; ; waitMs *= 2) {
    if (!(await request())) return false
    if (!isQuiet) await settledWithin(waitMs, quiet)
    if (isQuiet || monotonicMs() >= until) return true
  }
}

function cancelRequest({ processId, secretKey }: CancelTarget): Buffer {
  return message(CANCEL_REQUEST_CODE, processId, secretKey)
}

function message(...words: number[]): Buffer {
  const bytes = Buffer.alloc(4 + words.length * 4)
  bytes.writeInt32BE(bytes.length, 0)
  for (const [at, word] of words.entries()) bytes.writeInt32BE(word, 4 + at * 4)
  return bytes
}

/** As pg connects: the name is checked against the certificate, and sent unless it is an address. */
function tlsOptions({ host, tls, directTls }: CancelTarget): ConnectionOptions {
  const given = typeof tls === 'object' ? tls : {}
  const isName = !/^[\d.]+$|:/.test(host)
  return {
    host,
    ...(isName && { servername: host }),
    ...(directTls && { ALPNProtocols: ['postgresql'] }),
    ...given,
  }
}
