import type { AquiferError } from '../errors/aquifer-error.ts'
import { after } from '../time/clock.ts'
import type { Backend } from './backend.ts'

const LIMIT_MS = 1_000

/**
 * Asks a connection whether it lives, or brings it back to how it was when it was new.
 *
 * @returns what went wrong; a connection that does not answer in time is lost
 */
export async function checkUp(
  backend: Backend,
  how: 'ping' | 'reset',
): Promise<AquiferError | undefined> {
  const limit = after(LIMIT_MS, () => backend.giveUp(`it did not answer within ${LIMIT_MS} ms`))
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
