import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/**
 * Below the range from which systems number outgoing connections (32768 up on Linux, 49152 up on macOS): a
 * port from there may be gone again before the server that it was found for listens.
 */
const quietRange = [20_000, 32_000] as const

/** A port of the loopback interface that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const port = randomInt(...quietRange)
    if (await isPortFree(port)) return port
  }
  return listenOnce(0)
}

/** True if nothing listens on this port of the loopback interface. */
export async function isPortFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  )
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return address.port
}
