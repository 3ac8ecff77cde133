const names: Record<string, string> = { warn: 'warning', error: 'error', fatal: 'fatal' }
const quietMs = 10_000

/**
 * Shows the warnings and errors of a process's JSON log, one line each and in words; everything else
 * stays in the log file. What is said again and again is shown once in ten seconds.
 */
export function logView(
  name: string,
  say: (text: string) => void,
  now: () => number = Date.now,
): (line: string) => void {
  const shownAt = new Map<string, number>()
  return (line) => {
    const text = readable(line)
    if (text === undefined) return
    const at = now()
    if (at - (shownAt.get(text) ?? Number.NEGATIVE_INFINITY) < quietMs) return
    if (shownAt.size > 100) shownAt.clear()
    shownAt.set(text, at)
    say(`${name} ${text}`)
  }
}

function readable(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { level, msg, err } = JSON.parse(line) as {
      level?: string
      msg?: string
      err?: { message?: string; code?: string }
    }
    const kind = names[level ?? '']
    if (kind === undefined) return undefined
    const cause = err?.message && err.message !== msg ? `: ${err.message}` : ''
    return `${kind}: ${msg ?? ''}${cause}`.split('\n')[0]
  } catch {
    return undefined
  }
}
