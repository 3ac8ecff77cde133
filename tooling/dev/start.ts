import { setTimeout as delay } from 'node:timers/promises'
import { explain } from './explain.ts'
import { type Running, startProduct, stopProduct } from './product.ts'
import { readStartSettings } from './settings.ts'
import { onStopRequest } from './stop-request.ts'

// npm start: server, schema, demo data, API and worker, until Ctrl-C.

/** A step in the middle of a start gets this long to notice that it is no longer wanted. */
const startEndsWithinMs = 1_500

const running: Running = { apps: [] }
const stopping = new AbortController()

onStopRequest(
  () => {
    say('\nStopping (Ctrl-C again: at once).')
    stopping.abort()
    void stopAll(0)
  },
  () => {
    for (const app of running.apps) app.kill()
    void Promise.resolve(running.database?.kill()).finally(() => process.exit(130))
  },
)
// A closed terminal or pipe is no reason to leave servers behind.
process.stdout.on('error', () => undefined)

const started = startProduct(running, {
  readSettings: readStartSettings,
  say,
  signal: stopping.signal,
})
started.catch((error: unknown) => {
  if (stopping.signal.aborted) return
  stopping.abort()
  process.stderr.write(`\n${explain(error)}\n`)
  void stopAll(1)
})

async function stopAll(exitCode: number): Promise<void> {
  await Promise.race([started.catch(() => undefined), delay(startEndsWithinMs)])
  try {
    await stopProduct(running)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exit(1)
  }
  if (exitCode === 0) say('Stopped.')
  process.exit(exitCode)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
