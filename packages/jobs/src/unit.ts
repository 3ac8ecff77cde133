import type { Engine, Session, SessionOptions } from '@aquifer/core'

/** Anything that runs statements: a session of any engine. */
export type Unit = Pick<Session<unknown>, 'query'>

/** What enqueueing needs of a session. */
export type JobsSession = Pick<Session<unknown>, 'query' | 'mode' | 'buffer' | 'afterCommit'>

/** What enqueueing and relaying need of an engine; every `Engine` fits, whatever its models. */
export interface JobsEngine extends Pick<Engine<unknown>, 'acquire' | 'pool' | 'profile'> {
  currentSession(): JobsSession | undefined
  session<T>(fn: (session: JobsSession) => Promise<T>, options?: SessionOptions): Promise<T>
}
