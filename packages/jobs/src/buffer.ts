import type { OutgoingJob } from './transport/transport.ts'
import type { JobsEngine, JobsSession, Unit } from './unit.ts'

/** Where the jobs of one unit of work go when it commits. */
export interface Carrier {
  /** Writes the jobs inside the unit's transaction, in one statement. */
  carry(unit: Unit, jobs: readonly OutgoingJob[]): Promise<void>
  /** Called after COMMIT. */
  committed(): void
}

/**
 * Gathers the jobs of a unit of work and carries them away in one statement just before COMMIT: an
 * early one would hold the queue's locks for as long as the unit runs. A rollback leaves nothing; a
 * savepoint's rollback drops what was gathered inside of it.
 */
export class JobBuffer {
  readonly #engine: JobsEngine
  readonly #carrier: Carrier
  readonly #key = Symbol('aquifer.jobs')

  constructor(engine: JobsEngine, carrier: Carrier) {
    this.#engine = engine
    this.#carrier = carrier
  }

  /** Adds to the transaction of `session`; without one the job gets its own. */
  async add(job: OutgoingJob, session: JobsSession | undefined): Promise<void> {
    if (session?.mode === 'transaction') this.#gather(session, job)
    else await this.#engine.session(async (own) => this.#gather(own, job), { propagation: 'new' })
  }

  #gather(session: JobsSession, job: OutgoingJob): void {
    const jobs = session.buffer<OutgoingJob>(this.#key, (all) => this.#carrier.carry(session, all))
    if (jobs.length === 0) session.afterCommit(() => this.#carrier.committed())
    jobs.push(job)
  }
}
