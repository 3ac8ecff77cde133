import { createEmlFolder } from './eml-folder.ts'
import type { Mailer } from './mailer.ts'
import { createSmtpMailer } from './smtp.ts'

/** What `createMailer` is told. */
export interface MailerOptions {
  readonly smtpUrl: string | undefined
  /** The sender, as `Name <address>`. */
  readonly from: string
  /** Where the folder `mail` is, if there is no SMTP server. */
  readonly dataDir: string
}

/** Sends through the SMTP server if one is named, else writes files. Does no I/O yet. */
export function createMailer({ smtpUrl, from, dataDir }: MailerOptions): Mailer {
  return smtpUrl === undefined ? createEmlFolder(dataDir, from) : createSmtpMailer(smtpUrl, from)
}
