import { AsyncResource } from 'node:async_hooks'

/**
 * A listener that runs in the context of whoever registered it and can do no harm: what it throws becomes a warning of the process. It is called
 * in the middle of the pool's own work, where an error of the application has no business.
 */
export function harmless<Args extends unknown[]>(
  name: string,
  listener: (...args: Args) => void,
): (...args: Args) => void {
  return AsyncResource.bind((...args: Args) => {
    try {
      listener(...args)
    } catch (error) {
      process.emitWarning(`a listener of the event ${name} threw: ${error}`, 'AquiferWarning')
    }
  })
}
