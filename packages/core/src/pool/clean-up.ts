import { pause } from '../time/clock.ts'
import type { Backend } from './backend.ts'

const ROLLBACK_LIMIT_MS = 1_000

/**
 * Waits until a statement that was given up has ended, and undoes the transaction that it was in.
 *
 * @returns whether the connection can be lent again
 */
export async function isCleanAfter(
  backend: Backend,
  settled: Promise<boolean> | undefined,
): Promise<boolean> {
  if ((await settled) !== true) return false
  if (backend.transactionStatus !== 'I') await rollBack(backend)
  return backend.lost === undefined && backend.transactionStatus === 'I'
}

async function rollBack(backend: Backend): Promise<void> {
  const rolledBack = backend.run({ text: 'rollback' }).catch(() => {})
  await Promise.race([rolledBack, pause(ROLLBACK_LIMIT_MS)])
}
