/** A mail to one person. */
export interface Mail {
  /** The same each time that the mail is sent: a second copy is recognised by it. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Gets mails out of the house. */
export interface Mailer {
  /**
   * Resolves when somebody else is responsible for the mail. Sent again, a mail keeps its
   * Message-ID.
   */
  send(mail: Mail): Promise<void>
  close(): void
}
