import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate for the loopback interface that is its own authority. */
export interface SelfSigned {
  /** PEM; also what a client has to trust. */
  certificate: string
  /** PEM, PKCS #8. */
  key: string
}

const dayMs = 86_400_000

/**
 * Makes a certificate for `localhost`, 127.0.0.1 and ::1 that is valid for a month. Written here byte by byte,
 * because Node can read certificates and sign, but not make them, and a machine need not have `openssl`.
 *
 * @see RFC 5280, 4.1 for the fields and their order
 */
export function selfSigned(now: Date = new Date()): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const name = sequence(set(sequence(objectId(commonName), utf8('localhost'))))
  const signed = sequence(
    explicit(0, integer(Buffer.from([2]))),
    // The first bit of a positive number is 0.
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    sequence(objectId(ecdsaWithSha256)),
    name,
    sequence(
      utcTime(new Date(now.getTime() - dayMs)),
      utcTime(new Date(now.getTime() + 30 * dayMs)),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(alternativeNames(), authority())),
  )
  const signature = sign('sha256', signed, privateKey)
  const certificate = sequence(
    signed,
    sequence(objectId(ecdsaWithSha256)),
    // The byte before the bits says how many of the last one are unused.
    der(0x03, Buffer.from([0]), signature),
  )
  const lines = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

// Object identifiers, as they are encoded.
const commonName = '550403'
const ecdsaWithSha256 = '2a8648ce3d040302'
const subjectAltName = '551d11'
const basicConstraints = '551d13'

function alternativeNames(): Buffer {
  const names = sequence(
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.from([127, 0, 0, 1])),
    der(0x87, Buffer.from([...Array<number>(15).fill(0), 1])),
  )
  return sequence(objectId(subjectAltName), der(0x04, names))
}

/** Its own issuer, so it has to be an authority. */
function authority(): Buffer {
  const yes = der(0x01, Buffer.from([0xff]))
  return sequence(objectId(basicConstraints), yes, der(0x04, sequence(yes)))
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts)
}

function set(...parts: Buffer[]): Buffer {
  return der(0x31, ...parts)
}

function explicit(tag: number, content: Buffer): Buffer {
  return der(0xa0 + tag, content)
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

function utf8(text: string): Buffer {
  return der(0x0c, Buffer.from(text))
}

function objectId(encoded: string): Buffer {
  return der(0x06, Buffer.from(encoded, 'hex'))
}

/** `YYMMDDHHMMSSZ`; the form for years before 2050. */
function utcTime(at: Date): Buffer {
  return der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/\D/g, '')}Z`))
}

/** A tag, the length of the content, the content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}
