import { randomBytes } from 'node:crypto'

/**
 * A new job id: `job_` and a UUIDv7, so that ids sort by age. BullMQ reads a bare integer as an id
 * of its own making and a colon as a separator; this has neither.
 *
 * @see RFC 9562, section 5.7
 */
export function newJobId(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x70
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80
  return `job_${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`
}
