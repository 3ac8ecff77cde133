import { AsyncLocalStorage } from 'node:async_hooks'
import { type Bounds, both } from './bounds.ts'

/** Which session of one engine surrounds the running code, and what bounds a part of it has of its own. */
export class Ambient<Session> {
  readonly #storage = new AsyncLocalStorage<Session | undefined>()
  readonly #bounds = new AsyncLocalStorage<Bounds | undefined>()

  /** The innermost session around the caller, ended or not. */
  get current(): Session | undefined {
    return this.#storage.getStore()
  }

  /** Runs `fn` with `session` around it. */
  enter<T>(session: Session, fn: () => Promise<T>): Promise<T> {
    return this.#storage.run(session, fn)
  }

  /** Runs `fn` with `session` around it, which has bounds of its own: those of parts of another one hold no more. */
  begin<T>(session: Session, fn: () => Promise<T>): Promise<T> {
    return this.#unbound(() => this.#storage.run(session, fn))
  }

  /** Runs `fn` with no session around it. */
  leave<T>(fn: () => Promise<T>): Promise<T> {
    return this.#unbound(() => this.#storage.run(undefined, fn))
  }

  /** What bounds the caller besides the session's own deadline and signal. */
  get bounds(): Bounds | undefined {
    return this.#bounds.getStore()
  }

  /** Runs `fn`, a part of a session, within bounds of its own. */
  bound<T>(bounds: Bounds, fn: () => Promise<T>): Promise<T> {
    if (bounds.deadline === undefined && bounds.signal === undefined) return fn()
    return this.#bounds.run(both(this.bounds, bounds), fn)
  }

  #unbound<T>(fn: () => Promise<T>): Promise<T> {
    return this.bounds === undefined ? fn() : this.#bounds.run(undefined, fn)
  }
}
