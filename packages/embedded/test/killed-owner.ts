import { once } from 'node:events'
import { startServer, temporaryServer } from '../src/index.ts'

// Run as a process of its own: starts a server, says so to its parent, and waits to be killed.
const [kind, dataDir] = process.argv.slice(2)
const server =
  kind === 'persistent'
    ? await startServer({ dataDir: dataDir as string })
    : await temporaryServer()
if (kind === 'frozen') {
  await server.restart()
  await server.freeze()
}
process.send?.({ pid: server.pid, url: server.url, dataDir: server.dataDir })
await once(process, 'message')
