import { type ProfilePreset, presets } from '@aquifer/core'

const minute = 60_000
const hour = 60 * minute

/** The names of this application's pools. */
export type ProfileName = 'api' | 'worker' | 'queue' | 'migrations'

/**
 * Every pool of the application, each number stated: the only place where the pools of API and worker differ.
 * One API and one worker at their limits hold 60 + 15 + 14 of the server's connections.
 */
export const profiles: Readonly<Record<ProfileName, ProfilePreset>> = {
  /** Requests of people: many short statements. */
  api: {
    ...presets.api,
    size: 20,
    overflow: 40,
    acquireTimeoutMs: 2_000,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 2_000,
    deadlineMs: 8_000,
    maxLifetimeMs: hour,
    leakAfterMs: 5_000,
    longTransactionMs: 1_000,
  },
  /** Handlers of jobs: few long transactions. */
  worker: {
    ...presets.worker,
    size: 5,
    overflow: 10,
    acquireTimeoutMs: 10_000,
    statementTimeoutMs: minute,
    lockTimeoutMs: 2_000,
    deadlineMs: 2 * minute,
    maxLifetimeMs: 2 * hour,
    leakAfterMs: minute,
    longTransactionMs: 10_000,
  },
  /** BullMQ's own statements, with one connection that listens for each worker. */
  queue: {
    ...presets.worker,
    name: 'queue',
    size: 7,
    overflow: 7,
    acquireTimeoutMs: 10_000,
    statementTimeoutMs: 30_000,
    lockTimeoutMs: 10_000,
    deadlineMs: minute,
    maxLifetimeMs: 2 * hour,
    leakAfterMs: minute,
    longTransactionMs: 10_000,
    searchPath: ['bullmq', 'public'],
  },
  /** Changes of the schema: one at a time, and patient. */
  migrations: {
    ...presets.migrations,
    size: 0,
    overflow: 3,
    acquireTimeoutMs: 10_000,
    statementTimeoutMs: 30 * minute,
    lockTimeoutMs: 2_000,
    deadlineMs: hour,
    longTransactionMs: Number.POSITIVE_INFINITY,
  },
}
