/** A notification that a LISTEN brought. */
export interface Notification {
  readonly channel: string
  readonly payload: string
  readonly processId: number
}

/** What the server says beside its answers. */
export interface Notice {
  /** As WARNING, NOTICE or INFO, in the server's language. */
  readonly severity?: string | undefined
  /** A SQLSTATE. */
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
}

/** Hears what the server says without being asked. */
export interface SaidListener {
  onNotification(notification: Notification): void
  onNotice(notice: Notice): void
}
