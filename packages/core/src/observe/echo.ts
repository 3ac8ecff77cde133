import type { Events, PoolEvents } from '../pool/events.ts'

/** What has events of statements: an engine. */
export interface EchoSource {
  readonly events: Events<PoolEvents>
}

/**
 * Writes a line for each statement that has ended: how long its flight took, its text on one line, how many parameters and rows. Values
 * are never shown.
 *
 * @returns stops it
 * @see the echo of SQLAlchemy's create_engine
 */
export function echo({ events }: EchoSource, write: (line: string) => void): () => void {
  return events.on('statement', ({ text, parameters, tookMs, rows, error }) => {
    const outcome = error === undefined ? `${rows} rows` : `failed: ${error.name}`
    const flat = text.trim().replace(/\s+/g, ' ')
    write(`${tookMs.toFixed(1)} ms  ${flat}  -- ${parameters} parameters, ${outcome}`)
  })
}
