import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { selfSigned } from './self-signed.ts'

test('a certificate is for the loopback interface, signed by itself, and valid today', () => {
  const certificate = new X509Certificate(selfSigned().certificate)

  expect(certificate.checkHost('localhost')).toBe('localhost')
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(certificate.checkIP('::1')).toBeDefined()
  expect(certificate.checkHost('example.com')).toBeUndefined()
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.ca).toBe(true)
  expect(certificate.validFromDate < new Date()).toBe(true)
  expect(certificate.validToDate > new Date()).toBe(true)
})

test.each(['localhost', '127.0.0.1'])('a client that trusts it connects to %s', async (host) => {
  const { certificate, key } = selfSigned()
  const server = createServer({ cert: certificate, key }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }

  const client = connect({ host, port, ca: certificate })
  await once(client, 'secureConnect')

  expect(client.authorized).toBe(true)
  client.destroy()
  server.close()
})

test('each one is trusted alone', () => {
  const [one, other] = [selfSigned(), selfSigned()].map(
    ({ certificate }) => new X509Certificate(certificate),
  )

  expect(one?.verify(other!.publicKey)).toBe(false)
  expect(one?.serialNumber).not.toBe(other?.serialNumber)
})
