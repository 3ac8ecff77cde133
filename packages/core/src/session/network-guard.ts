import diagnostics from 'node:diagnostics_channel'
import type { GuardedUnit } from '../engine/guarded-unit.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Events, PoolEvents } from '../pool/events.ts'
import { captureCallSite } from '../time/call-site.ts'

/** The frames of a client between its caller and the channel; fetch has some twenty. */
const CLIENT_FRAMES = 40
const HTTP = 'http.client.request.created'
const UNDICI = 'undici:request:create'

/** What a network guard needs of its engine. */
export interface NetworkGuardParts {
  /** Whether a call fails instead of being told of only. */
  readonly refuses: boolean
  readonly events: Events<PoolEvents>
  /** The unit around the caller whose transaction is open. */
  readonly surrounding: () => GuardedUnit | undefined
}

/** A request that a client begins: one of node:http, or of fetch and undici. */
interface ClientRequest {
  readonly method?: string
  readonly host?: string
  readonly origin?: string | URL
  getHeader?(name: string): unknown
  /** Of node:http. */
  destroy?(error: Error): unknown
  /** Of undici. */
  onError?(error: Error): unknown
}

/**
 * Notices the HTTP requests that are begun inside of a transaction, by the diagnostics channels of node:http and undici, which fetch is made
 * of. Connections to databases are no requests.
 */
export class NetworkGuard {
  readonly #parts: NetworkGuardParts
  #watching = false

  constructor(parts: NetworkGuardParts) {
    this.#parts = parts
  }

  watch(): void {
    if (this.#watching) return
    this.#watching = true
    diagnostics.subscribe(HTTP, this.#onRequest)
    diagnostics.subscribe(UNDICI, this.#onRequest)
  }

  rest(): void {
    if (!this.#watching) return
    this.#watching = false
    diagnostics.unsubscribe(HTTP, this.#onRequest)
    diagnostics.unsubscribe(UNDICI, this.#onRequest)
  }

  readonly #onRequest = (message: unknown): void => {
    const unit = this.#parts.surrounding()
    if (unit === undefined) return
    const { request } = message as { request: ClientRequest }
    const host = hostOf(request)
    this.#tell(host, request.method)
    if (!this.#parts.refuses) return
    const error = networkInTransaction(host)
    const fail = request.destroy ?? request.onError
    // What cannot be stopped has been sent when the transaction ends, which therefore must not succeed.
    if (fail === undefined) unit.doom(error)
    else fail.call(request, error)
  }

  #tell(host: string, method: string | undefined): void {
    const { events, refuses } = this.#parts
    const at = captureCallSite(CLIENT_FRAMES).toString()
    if (events.has('networkCall'))
      events.emit('networkCall', { host, at, ...(method && { method }) })
    else if (!refuses)
      process.emitWarning(
        `a request to ${host} was begun inside a transaction, ${at}. ${INSTEAD}`,
        'AquiferWarning',
      )
  }
}

const INSTEAD =
  'Make it before the unit or after its COMMIT (session.afterCommit), or let a job make it'

/** With its port, if that is not the usual one. */
function hostOf(request: ClientRequest): string {
  const { origin, host } = request
  if (origin !== undefined) return URL.canParse(String(origin)) ? new URL(origin).host : ''
  return String(request.getHeader?.('host') ?? host ?? '')
}

function networkInTransaction(host: string): UsageError {
  return new UsageError(
    'NETWORK_IN_TRANSACTION',
    `a request to ${host} was begun inside a transaction, whose locks and connection would wait for the answer. ${INSTEAD}`,
  )
}
