import { AsyncLocalStorage } from 'node:async_hooks'

/** Which session of one engine surrounds the running code. */
export class Ambient<Session> {
  readonly #storage = new AsyncLocalStorage<Session | undefined>()

  /** The innermost session around the caller, ended or not. */
  get current(): Session | undefined {
    return this.#storage.getStore()
  }

  /** Runs `fn` with `session` around it. */
  enter<T>(session: Session, fn: () => Promise<T>): Promise<T> {
    return this.#storage.run(session, fn)
  }

  /** Runs `fn` with no session around it. */
  leave<T>(fn: () => Promise<T>): Promise<T> {
    return this.#storage.run(undefined, fn)
  }
}
