/**
 * Ctrl-C reaches us twice: from the terminal, and passed on by npm. Only a later one is a second wish.
 */
const sameKeyPressMs = 500

/**
 * Calls `onFirst` when the process is asked to stop, by a signal or by the end of the process that
 * started it with a channel; and `onSecond` when it is asked again.
 */
export function onStopRequest(onFirst: () => void, onSecond: () => void): void {
  let firstAt: number | undefined
  const request = () => {
    if (firstAt === undefined) {
      firstAt = performance.now()
      onFirst()
    } else if (performance.now() - firstAt > sameKeyPressMs) {
      onSecond()
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request)
  if (process.connected) process.once('disconnect', request)
}
