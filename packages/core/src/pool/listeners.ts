import type { Backend, Notification } from './backend.ts'

/** Who wants to hear of a leased connection. They stay when the lease moves to another one. */
export class Listeners {
  readonly onNotification: ((notification: Notification) => void)[] = []
  readonly onLost: ((error: Error) => void)[] = []
  readonly onRestored: (() => void)[] = []
  #stops: (() => void)[] = []

  listenTo(backend: Backend): void {
    this.#stops = [
      backend.whenNotified((notification) => {
        for (const listener of this.onNotification) listener(notification)
      }),
      backend.whenLost((error) => {
        for (const listener of this.onLost) listener(error)
      }),
    ]
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }
}
