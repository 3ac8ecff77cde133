import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type LinkOptions, openLink } from './link.ts'

/** A server that sends back what it gets, and a client that reaches it over a link. */
async function setup(options: LinkOptions) {
  const echo = createServer((socket) => socket.pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo
  const link = await openLink(`postgres://somebody@127.0.0.1:${port}/somewhere`, options)
  const client = connect({ port: Number(new URL(link.url).port), noDelay: true })
  await once(client, 'connect')
  return {
    link,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy()
      await link[Symbol.asyncDispose]()
      echo.close()
    },
  }
}

test('a link keeps user and database of the address it leads to', async () => {
  await using t = await setup({ oneWayMs: 0 })
  expect(t.link.url).toMatch(/^postgres:\/\/somebody@127\.0\.0\.1:\d+\/somewhere$/)
})

test('an answer comes back after both ways', async () => {
  await using t = await setup({ oneWayMs: 20 })
  const sentAt = performance.now()
  t.client.write('hello')
  await once(t.client, 'data')
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(40)
})

test('what is sent in pieces arrives in its order and whole, also at the end', async () => {
  await using t = await setup({ oneWayMs: 3 })
  const sent = Array.from({ length: 200 }, (_, index) => `${index};`)
  let received = ''
  t.client.on('data', (chunk) => {
    received += chunk
  })
  for (const [index, piece] of sent.entries()) {
    t.client.write(piece)
    if (index % 20 === 0) await delay(1)
  }
  t.client.end()
  await once(t.client, 'end')
  expect(received).toBe(sent.join(''))
})

test('chunks that are under way together arrive one way later, not one after the other', async () => {
  await using t = await setup({ oneWayMs: 100 })
  const sentAt = performance.now()
  let received = ''
  t.client.on('data', (chunk) => {
    received += chunk
  })
  for (const piece of 'abcdefghij') {
    t.client.write(piece)
    await delay(1)
  }
  while (received.length < 10) await once(t.client, 'data')
  expect(performance.now() - sentAt).toBeLessThan(1_000)
})

test('an observer hears what the client sends and that it is answered', async () => {
  const heard: string[] = []
  const observer = {
    sent: (chunk: Buffer) => heard.push(`sent ${chunk}`),
    received: () => heard.push('received'),
  }
  await using t = await setup({ oneWayMs: 1, observe: () => observer })
  t.client.write('hello')
  await once(t.client, 'data')
  expect(heard).toEqual(['sent hello', 'received'])
})
