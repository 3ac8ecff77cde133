import type { Socket } from 'node:net'
import { after } from '../time/clock.ts'

const LIMIT_MS = 1_000

/** Waits for `answer`, and calls `onSilence` if not one byte has come from the server within a second. */
export async function listenFor<T>(
  stream: Socket,
  answer: Promise<T>,
  onSilence: (why: string) => void,
): Promise<T> {
  const before = stream.bytesRead
  const limit = after(LIMIT_MS, () => {
    if (stream.bytesRead === before)
      onSilence(`nothing was heard from the server within ${LIMIT_MS} ms`)
  })
  try {
    return await answer
  } finally {
    limit.cancel()
  }
}
