import { type FileHandle, open } from 'node:fs/promises'

/** Hears the lines that are added to a file. */
export interface LogTail {
  /** Reads what is left, then lets go of the file. */
  end(): Promise<void>
}

const lookEveryMs = 150

/**
 * Reads the lines that are added to `file` from byte `offset` on. Looks at it a few times a second,
 * which is often enough for a person and costs nothing; watching a file is told differently by every system.
 */
export function followLog(file: string, offset: number, onLine: (line: string) => void): LogTail {
  let reading = Promise.resolve()
  let handle: FileHandle | undefined
  let position = offset
  let rest = Buffer.alloc(0)

  const read = async () => {
    handle ??= await open(file, 'r')
    const chunk = Buffer.alloc(64 * 1024)
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
      if (bytesRead === 0) return
      position += bytesRead
      const lines = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      const end = lines.lastIndexOf(0x0a) + 1
      // A character of several bytes may be cut at the end, so what is no full line stays in bytes.
      rest = lines.subarray(end)
      for (const line of lines.subarray(0, end).toString('utf8').split('\n')) {
        if (line !== '') onLine(line)
      }
    }
  }
  // A log that cannot be read now is looked at again; the process that writes it does not depend on it.
  const look = () => {
    reading = reading.then(read).catch(() => undefined)
    return reading
  }
  const timer = setInterval(look, lookEveryMs)
  timer.unref()

  return {
    async end() {
      clearInterval(timer)
      await look()
      if (rest.length > 0) onLine(rest.toString('utf8'))
      await handle?.close()
    },
  }
}
