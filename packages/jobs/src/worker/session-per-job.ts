import type { Engine, Session, SessionOptions } from '@aquifer/core'
import { enterInbox, type InboxEntry } from '../inbox.ts'

/**
 * Runs `apply` in a transaction of its own together with the note that the job has run, so that
 * both are there or neither. Jobs that `apply` enqueues are part of it too.
 *
 * @returns false if the job has run before; `apply` was not called then
 */
export function sessionPerJob<DB>(
  engine: Engine<DB>,
  job: InboxEntry,
  apply: (session: Session<DB>) => Promise<void> | void,
  options: Pick<SessionOptions, 'deadline' | 'signal'> = {},
): Promise<boolean> {
  const inOneTransaction = async (session: Session<DB>) => {
    const isFirst = await enterInbox(session, job)
    if (isFirst) await apply(session)
    return isFirst
  }
  return engine.session(inOneTransaction, { ...options, propagation: 'new' })
}
