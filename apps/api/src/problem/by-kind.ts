import type { AquiferError } from '@aquifer/core'
import {
  conflict,
  contended,
  internal,
  interrupted,
  invalidInput,
  overloaded,
  timedOut,
  unavailable,
} from './catalogue.ts'
import type { Refusal } from './refusal.ts'

/**
 * The answer to each kind of failure of the data layer that no route has an answer of its own for.
 * Who can do something about it decides: the client (4xx), time (503, 504), or only us (500).
 */
export const REFUSAL_BY_KIND: Readonly<Record<AquiferError['kind'], Refusal>> = {
  // The client can: look again, or send something else.
  constraint: conflict,
  stale: conflict,
  data: invalidInput,
  // Time can: the same request may pass in a moment.
  connection: unavailable,
  cancelled: interrupted,
  overload: overloaded,
  resource: overloaded,
  serialization: contended,
  deadlock: contended,
  timeout: timedOut,
  // Only we can.
  transaction: internal,
  permission: internal,
  syntax: internal,
  usage: internal,
  migration: internal,
  job: internal,
}
