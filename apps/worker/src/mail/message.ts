import type { Mail } from './mailer.ts'

/** A mail with its headers, as nodemailer takes it. */
export interface Message {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly messageId: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The message of a mail. Servers and people's programs know a repeated Message-ID and show one
 * copy.
 */
export function messageOf(mail: Mail, from: string): Message {
  const { id, to, subject, text } = mail
  const domain = from.match(/@([^\s<>@]+)>?$/)?.[1] ?? 'localhost'
  // Away messages to a machine help nobody.
  const headers = { 'Auto-Submitted': 'auto-generated' }
  return { from, to, subject, text, messageId: `<${id}@${domain}>`, headers }
}
