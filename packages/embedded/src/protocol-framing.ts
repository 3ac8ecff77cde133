import { messageNames, type ToClientMessage, type ToServerMessage } from './protocol-names.ts'

/** The way a message goes. */
export type Direction = 'toServer' | 'toClient'

/** What the head of a message tells. */
export interface Frame {
  name: ToServerMessage | ToClientMessage
  /** All of its bytes on the wire. */
  bytes: number
  /**
   * What a test recognises it by: the statement of Query, Parse, Bind and Execute (its first 64 KiB), the tag of
   * CommandComplete, `SQLSTATE message` of ErrorResponse, the status letter of ReadyForQuery. Never a
   * parameter, row or password.
   */
  text: string | undefined
}

const longestText = 65_536
/** The names of a portal and a statement stand at the head of a message; the parameters behind them may be large. */
const longestNames = 512

const requests: Partial<Record<number, ToServerMessage>> = {
  80877102: 'CancelRequest',
  80877103: 'SSLRequest',
  80877104: 'GSSENCRequest',
}

/**
 * Where the messages of one connection begin and end, both ways. What each side may say next depends on what
 * the other has said, so one object knows both. Once it is encrypted, or not understood, all is opaque.
 */
export class ProtocolFraming {
  #opaque = false
  #phase: 'startup' | 'encryption' | 'session' = 'startup'
  readonly #statements = new Map<string, string>()
  readonly #portals = new Map<string, string>()

  get isOpaque(): boolean {
    return this.#opaque
  }

  /** The message that begins at `at`, or undefined if more of it has to arrive or all is opaque from here on. */
  frame(direction: Direction, bytes: Buffer, at: number): Frame | undefined {
    if (direction === 'toServer' && this.#phase !== 'session') return this.#beforeSession(bytes, at)
    if (direction === 'toClient' && this.#phase === 'encryption') {
      const answer = String.fromCharCode(bytes[at] as number)
      if (/[SGN]/.test(answer)) return this.#encryption(answer)
    }
    if (bytes.length - at < 5) return undefined
    const name = messageNames[direction][bytes[at] as number]
    const length = bytes.readUInt32BE(at + 1) + 1
    if (!name || length < 5) return this.#lose()
    const needed = Math.min(length - 5, neededOf(name, direction))
    // Most messages are rows: nothing of them is looked at.
    if (needed === 0) return { name, bytes: length, text: undefined }
    if (bytes.length - at - 5 < needed) return undefined
    return { name, bytes: length, text: this.#text(name, bytes.subarray(at + 5, at + length)) }
  }

  #beforeSession(bytes: Buffer, at: number): Frame | undefined {
    // A TLS handshake without a question before it.
    if (bytes[at] === 0x16) return this.#lose()
    if (bytes.length - at < 8) return undefined
    const length = bytes.readUInt32BE(at)
    const code = bytes.readUInt32BE(at + 4)
    const request = requests[code]
    if (length < 8 || length > 10_000 || (!request && code >>> 16 !== 3)) return this.#lose()
    if (request === 'SSLRequest' || request === 'GSSENCRequest') this.#phase = 'encryption'
    else if (!request) this.#phase = 'session'
    return { name: request ?? 'StartupMessage', bytes: length, text: undefined }
  }

  #encryption(answer: string): Frame {
    this.#phase = 'startup'
    this.#opaque = answer !== 'N'
    return { name: 'EncryptionResponse', bytes: 1, text: answer }
  }

  #lose(): undefined {
    this.#opaque = true
  }

  #text(name: Frame['name'], body: Buffer): string | undefined {
    switch (name) {
      case 'Query':
      case 'CommandComplete':
      case 'ReadyForQuery':
        return strings(body, 1)[0]
      case 'ParameterStatus':
        return strings(body, 2).join('=')
      case 'NotificationResponse':
        return strings(body.subarray(4), 1)[0]
      case 'ErrorResponse':
      case 'NoticeResponse':
        return errorText(body)
      case 'Parse': {
        const [statement = '', text = ''] = strings(body, 2)
        this.#statements.set(statement, text)
        return text
      }
      case 'Bind': {
        const [portal = '', statement = ''] = strings(body, 2)
        const text = this.#statements.get(statement) ?? ''
        this.#portals.set(portal, text)
        return text
      }
      case 'Execute':
        return this.#portals.get(strings(body, 1)[0] ?? '')
      default:
        return undefined
    }
  }
}

function neededOf(name: Frame['name'], direction: Direction): number {
  if (name === 'Bind' || name === 'Execute') return longestNames
  const hasText =
    direction === 'toServer'
      ? name === 'Query' || name === 'Parse'
      : name !== 'DataRow' && name !== 'CopyData' && name !== 'RowDescription'
  return hasText ? longestText : 0
}

/** The first zero-terminated strings of a body. */
function strings(body: Buffer, count: number): string[] {
  const found: string[] = []
  for (let at = 0; found.length < count && at < body.length; ) {
    const zero = body.indexOf(0, at)
    const end = zero === -1 ? body.length : zero
    found.push(body.toString('utf8', at, Math.min(end, at + longestText)))
    at = end + 1
  }
  return found
}

/** Fields are a letter and a string each: C is the SQLSTATE, M the message. */
function errorText(body: Buffer): string {
  const fields = strings(body, 100)
  const field = (letter: string) => fields.find((one) => one.startsWith(letter))?.slice(1) ?? ''
  return `${field('C')} ${field('M')}`
}
