import { getRandomValues } from 'node:crypto'
import { nowMs } from '../time/clock.ts'

const VERSION = 0x70
const VARIANT = 0x80
const TIME_BYTES = 6

/**
 * A new UUID of version 7: those of a later millisecond come after those of an earlier one, so that an index over them grows at its end.
 * Within one millisecond their order is chance. PostgreSQL 18 makes the same with `uuidv7()`.
 *
 * @see RFC 9562, 5.7
 */
export function uuidv7(): string {
  const bytes = Buffer.alloc(16)
  getRandomValues(bytes)
  bytes.writeUIntBE(nowMs(), 0, TIME_BYTES)
  bytes.writeUInt8(VERSION | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(VARIANT | (bytes.readUInt8(8) & 0x3f), 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
