import type { Engine } from '@aquifer/core'
import type { Logger } from 'pino'

/** Logs what befalls the engine outside of any request. */
export function logEngineTrouble({ events }: Pick<Engine<never>, 'events'>, logger: Logger): void {
  events.on('connectFailed', ({ error }) => logger.warn({ err: error }, 'no connection'))
  events.on('leak', ({ heldMs, takenAt }) =>
    logger.warn({ heldMs: Math.round(heldMs), takenAt }, 'lease held too long'),
  )
  events.on('nPlusOne', (found) => logger.warn(found, 'one query for each row'))
  events.on('hookFailed', ({ error }) => logger.error({ err: error }, 'hook failed'))
  events.on('close', ({ reason, backendPid, error }) => {
    if (reason === 'lost') logger.warn({ backendPid, err: error }, 'connection lost')
  })
}
