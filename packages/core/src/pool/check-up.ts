import type { AquiferError } from '../errors/aquifer-error.ts'
import type { Backend } from './backend.ts'
import { listenFor } from './liveness.ts'

/**
 * Asks a connection whether it lives, or brings it back to how it was when it was new.
 *
 * @param silentForMs how long it may say nothing before it is taken for dead
 * @returns what went wrong; a connection that does not answer in time is lost
 */
export async function checkUp(
  backend: Backend,
  how: 'ping' | 'reset',
  silentForMs: number,
): Promise<AquiferError | undefined> {
  const limit = listenFor(backend, silentForMs)
  try {
    await backend.run({ text: how === 'reset' ? 'discard all' : '' })
    limit.cancel()
    if (how === 'reset') {
      backend.forgetPrepared()
      await backend.initialize()
    }
    return undefined
  } catch (error) {
    return error as AquiferError
  } finally {
    limit.cancel()
  }
}
