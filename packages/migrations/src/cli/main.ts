#!/usr/bin/env node
import { keepCompiledCode } from './compile-cache.ts'

keepCompiledCode(process.env)
// Only now, so that all of it comes from the cache.
const { runCommandLine } = await import('./program.ts')

// Deep enough to reach the line of a revision below the layers that run it.
Error.stackTraceLimit = 50

const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: whoever asks again wants it to end at once, and Node does that.
  process.once(signal, () => ending.abort())
}

// The reader of a pipe may leave early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommandLine(process.argv.slice(2), {
  cwd: process.cwd(),
  signal: ending.signal,
  terminal: process.stdout.isTTY === true,
  out: (text) => {
    process.stdout.write(text)
  },
  err: (text) => {
    process.stderr.write(text)
  },
})
