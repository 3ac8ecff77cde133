import { createHash } from 'node:crypto'

/**
 * SHA-256 of a revision file's text, in hex. Line endings and a byte order mark do not count, so that
 * a checkout on another system gives the same sum; every other character does.
 */
export function checksumOf(text: string): string {
  const normalised = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  return createHash('sha256').update(normalised).digest('hex')
}
