import type { JobContract } from '../contract.ts'

/** What a handler is told about the job that it runs. */
export interface JobContext<Payload> {
  readonly payload: Payload
  /** The same in every run of the job: a key for effects outside of the database. */
  readonly jobId: string
  /** Which run this is; the first is 1. */
  readonly attempt: number
  /** Aborts when the contract's `timeoutMs` has passed or the worker has to stop. */
  readonly signal: AbortSignal
}

/** What one job does, in two parts. */
export interface HandlerDefinition<Payload, InSession, Prepared> {
  /**
   * Runs first, outside of any transaction: network, files, anything slow. May run more than once
   * for a job.
   */
  prepare?(context: JobContext<Payload>): Promise<Prepared> | Prepared
  /**
   * Runs in one short transaction, together with the note that the job has run: its writes happen
   * once.
   */
  apply(session: InSession, prepared: Prepared, context: JobContext<Payload>): Promise<void> | void
}

/**
 * A contract and what to do about it, as `defineHandler` returns it. `InSession` is the
 * `Session<DB>` that it needs; one that needs none fits every worker.
 */
export interface Handler<in InSession = unknown> {
  readonly contract: JobContract<unknown>
  readonly prepare: ((context: JobContext<unknown>) => unknown) | undefined
  readonly apply: (
    session: InSession,
    prepared: unknown,
    context: JobContext<unknown>,
  ) => Promise<void> | void
}

/**
 * Says what runs when a job of this contract arrives. Annotate `session` to use it: `session:
 * Session<Database>`.
 */
export function defineHandler<Input, Output, InSession = unknown, Prepared = undefined>(
  contract: JobContract<Input, Output>,
  definition: HandlerDefinition<Output, InSession, Prepared>,
): Handler<InSession> {
  // The contract's own schema decides what `payload` is before a handler sees it; a list of
  // handlers forgets the types.
  return {
    contract: contract as JobContract<unknown, unknown>,
    prepare: definition.prepare?.bind(definition) as Handler<InSession>['prepare'],
    apply: definition.apply.bind(definition) as Handler<InSession>['apply'],
  }
}
