import type { Backend } from './backend.ts'
import type { Notice, Notification } from './said.ts'

/** Who wants to hear of a leased connection. They stay when the lease moves to another one. */
export class Listeners {
  readonly onNotification: ((notification: Notification) => void)[] = []
  readonly onNotice: ((notice: Notice) => void)[] = []
  readonly onLost: ((error: Error) => void)[] = []
  readonly onRestored: (() => void)[] = []
  #stops: (() => void)[] = []

  listenTo(backend: Backend): void {
    this.#stops = [
      backend.whenSaid({
        onNotification: (notification) => {
          for (const listener of this.onNotification) listener(notification)
        },
        onNotice: (notice) => {
          for (const listener of this.onNotice) listener(notice)
        },
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
