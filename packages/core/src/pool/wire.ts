import { DataError } from '../errors/data-error.ts'

const PARSE = 0x50
const BIND = 0x42
const DESCRIBE = 0x44
const EXECUTE = 0x45
const CLOSE = 0x43
const QUERY = 0x51
const PORTAL = 0x50
const STATEMENT = 0x53

const FLUSH_BYTES = Buffer.from([0x48, 0, 0, 0, 4])
const SYNC_BYTES = Buffer.from([0x53, 0, 0, 0, 4])
const COPY_FAIL = 0x66

/** The count of a Bind message is 16 bits wide. */
const MAX_PARAMETERS = 65_535

/** A parameter as it travels: text, or bytes in binary format. */
export type WireValue = string | Buffer | null

/**
 * Writes messages of the extended query protocol one behind the other, so that a whole flight is one write to the
 * socket. Reused from flight to flight; `take()` hands out a copy and starts anew.
 *
 * @see "Message Formats" in the PostgreSQL protocol documentation
 */
export class WireWriter {
  #buffer: Buffer = Buffer.allocUnsafe(2_048)
  #at = 0

  parse(name: string, text: string): this {
    const start = this.#begin(PARSE)
    this.#text(name)
    this.#text(text)
    this.#int16(0)
    return this.#end(start)
  }

  /** All results are asked for as text. */
  bind(portal: string, name: string, values: readonly WireValue[]): this {
    const start = this.#begin(BIND)
    this.#text(portal)
    this.#text(name)
    this.#formats(values)
    this.#int16(values.length)
    for (const value of values) this.#value(value)
    this.#int16(0)
    return this.#end(start)
  }

  describePortal(portal: string): this {
    return this.#named(DESCRIBE, PORTAL, portal)
  }

  /** @param maxRows 0 is all of them */
  execute(portal: string, maxRows: number): this {
    const start = this.#begin(EXECUTE)
    this.#text(portal)
    this.#int32(maxRows)
    return this.#end(start)
  }

  closeStatement(name: string): this {
    return this.#named(CLOSE, STATEMENT, name)
  }

  closePortal(portal: string): this {
    return this.#named(CLOSE, PORTAL, portal)
  }

  /** The simple protocol, which alone takes several statements in one text. It brings its own Sync. */
  query(text: string): this {
    const start = this.#begin(QUERY)
    this.#text(text)
    return this.#end(start)
  }

  copyFail(reason: string): this {
    const start = this.#begin(COPY_FAIL)
    this.#text(reason)
    return this.#end(start)
  }

  /** Asks the server to send what it has so far. */
  flush(): this {
    return this.#bytes(FLUSH_BYTES)
  }

  sync(): this {
    return this.#bytes(SYNC_BYTES)
  }

  /** What was written since the last call, in a buffer of its own. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#at))
    this.clear()
    return taken
  }

  /** Forgets what was written, as after a value that could not be. */
  clear(): void {
    this.#at = 0
    // One huge statement must not hold its size for the life of a connection.
    if (this.#buffer.length > 1_048_576) this.#buffer = Buffer.allocUnsafe(2_048)
  }

  #formats(values: readonly WireValue[]): void {
    const isBinary = (value: WireValue) => typeof value === 'object' && value !== null
    if (values.some(isBinary)) {
      this.#int16(values.length)
      for (const value of values) this.#int16(isBinary(value) ? 1 : 0)
    } else this.#int16(0)
  }

  #value(value: WireValue): void {
    if (value === null) this.#int32(-1)
    else if (typeof value === 'string') {
      this.#reserve(4 + widthBound(value))
      const length = this.#buffer.write(value, this.#at + 4)
      this.#buffer.writeInt32BE(length, this.#at)
      this.#at += 4 + length
    } else {
      this.#int32(value.length)
      this.#bytes(value)
    }
  }

  #named(message: number, what: number, name: string): this {
    const start = this.#begin(message)
    this.#reserve(1)
    this.#buffer[this.#at] = what
    this.#at += 1
    this.#text(name)
    return this.#end(start)
  }

  #begin(message: number): number {
    this.#reserve(5)
    this.#buffer[this.#at] = message
    this.#at += 5
    return this.#at
  }

  #end(start: number): this {
    this.#buffer.writeInt32BE(this.#at - start + 4, start - 4)
    return this
  }

  #text(text: string): void {
    this.#reserve(widthBound(text) + 1)
    this.#at += this.#buffer.write(text, this.#at)
    this.#buffer[this.#at] = 0
    this.#at += 1
  }

  #int16(value: number): void {
    this.#reserve(2)
    this.#at = this.#buffer.writeUInt16BE(value, this.#at)
  }

  #int32(value: number): void {
    this.#reserve(4)
    this.#at = this.#buffer.writeInt32BE(value, this.#at)
  }

  #bytes(bytes: Buffer): this {
    this.#reserve(bytes.length)
    bytes.copy(this.#buffer, this.#at)
    this.#at += bytes.length
    return this
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

/** At least as many bytes as UTF-8 needs; counted only where a guess would waste much. */
function widthBound(text: string): number {
  return text.length < 1_024 ? text.length * 3 : Buffer.byteLength(text)
}

/**
 * Refuses what the protocol or UTF-8 cannot carry, before a byte of it is sent.
 *
 * @throws {DataError} `PARAMETER_INVALID`
 */
export function assertSendable(values: readonly WireValue[]): void {
  if (values.length > MAX_PARAMETERS) {
    throw new DataError(
      'PARAMETER_INVALID',
      `a statement has ${values.length} parameters and ${MAX_PARAMETERS} is the most that the protocol carries: send arrays (unnest) or fewer rows at once`,
    )
  }
  for (const value of values) {
    if (typeof value !== 'string') continue
    if (value.includes('\0')) {
      throw new DataError(
        'PARAMETER_INVALID',
        'a text parameter holds a NUL character, which PostgreSQL cannot keep in text; nothing was sent',
      )
    }
    if (!value.isWellFormed()) {
      throw new DataError(
        'PARAMETER_INVALID',
        'a text parameter holds half of a surrogate pair, which UTF-8 cannot carry; nothing was sent. See String.prototype.toWellFormed()',
      )
    }
  }
}
