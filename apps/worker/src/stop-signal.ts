/** Why the process is to stop. */
export type StopReason = 'SIGTERM' | 'SIGINT' | 'parent gone'

/**
 * Aborts, with a `StopReason`, when the process is first asked to stop: by a signal, or by the end
 * of the parent that spawned it with an IPC channel. Whoever asks again does not want to wait: the
 * process exits at once, and the jobs that it leaves run again elsewhere.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = (reason: StopReason) => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort(reason)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (process.connected) process.once('disconnect', () => stop('parent gone'))
  return controller.signal
}
