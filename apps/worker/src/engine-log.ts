import type { Engine } from '@aquifer/core'
import type { Logger } from 'pino'

/** Logs what befalls an engine outside of any job. */
export function logEngineTrouble(
  engine: Pick<Engine<never>, 'events' | 'profile'>,
  logger: Logger,
): void {
  const { events, profile } = engine
  const pool = profile.name
  events.on('connectFailed', ({ error }) => logger.warn({ err: error, pool }, 'no connection'))
  events.on('leak', ({ heldMs, takenAt }) =>
    logger.warn({ heldMs: Math.round(heldMs), takenAt, pool }, 'lease held too long'),
  )
  events.on('nPlusOne', (found) => logger.warn({ ...found, pool }, 'one query for each row'))
  events.on('hookFailed', ({ error }) => logger.error({ err: error, pool }, 'hook failed'))
  events.on('close', ({ reason, backendPid, error }) => {
    if (reason === 'lost') logger.warn({ backendPid, err: error, pool }, 'connection lost')
  })
}
