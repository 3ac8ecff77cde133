import { Deadline, type Engine, type Lease } from '@aquifer/core'
import { nestedEngine, sandboxLost } from '@aquifer/core/sandbox'

/** A database as a test finds it, whatever the test does: all of it happens in one transaction that is rolled back. */
export interface Sandbox<DB> extends AsyncDisposable {
  /**
   * An engine for the code under test. Its sessions and transactions are savepoints, so that they commit, roll back and run their hooks as ever;
   * nobody outside of the sandbox sees what they did.
   */
  readonly engine: Engine<DB>
}

/** A debugger may stop a test for as long as it likes. */
const OPEN = 'begin; set local idle_in_transaction_session_timeout = 0'

/**
 * Begins a transaction on one connection of `engine`, which holds it until the sandbox is disposed of. Then everything is rolled back and the connection
 * goes back to the pool. As many sandboxes may be open on one database as the pool has connections.
 *
 * A sandbox has one connection: its units take turns, and those that would wait for each other are refused with `SANDBOX_BUSY`.
 *
 * @returns `await using sandbox`; disposing throws {SandboxError} `SANDBOX_LOST` if its transaction had ended before, so that the test has shown nothing
 * @throws whatever `engine.acquire` throws
 */
export async function openSandbox<DB>(engine: Engine<DB>): Promise<Sandbox<DB>> {
  const lease = await engine.acquire({ dedicated: true })
  let lostBy: unknown
  lease.onLost((error) => {
    lostBy = error
  })
  try {
    await lease.query(OPEN, [], { deadline: deadlineOf(engine) })
  } catch (error) {
    lease.release('destroy')
    throw error
  }
  const nested = nestedEngine(engine, lease)
  return {
    engine: nested,
    [Symbol.asyncDispose]: async () => {
      if (lease.ended) return
      await nested.close()
      if (!(await isRolledBack(lease, deadlineOf(engine)))) throw sandboxLost(lostBy)
    },
  }
}

/** Gives the lease back. @returns whether its transaction had lasted until now */
async function isRolledBack(lease: Lease, deadline: Deadline): Promise<boolean> {
  const lasted = lease.usable && lease.transactionStatus !== 'I'
  try {
    if (lasted) await lease.query('rollback', [], { deadline })
    lease.release(lasted ? 'clean' : 'destroy')
    return lasted
  } catch {
    lease.release('destroy')
    return false
  }
}

function deadlineOf({ profile }: Pick<Engine<unknown>, 'profile'>): Deadline {
  return Deadline.after(profile.deadlineMs)
}
