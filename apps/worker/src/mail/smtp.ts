import { createTransport } from 'nodemailer'
import type { Mailer } from './mailer.ts'
import { messageOf } from './message.ts'

/**
 * Together below the time that a job has: a server that does not answer must not hold up the jobs
 * behind it.
 */
const limits = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 10_000 }

/** Hands mails to an SMTP server; its URL may set more, as in `smtp://host?requireTLS=true`. */
export function createSmtpMailer(url: string, from: string): Mailer {
  const transport = createTransport({ url, ...limits })
  return {
    async send(mail) {
      await transport.sendMail(messageOf(mail, from))
    },
    close: () => transport.close(),
  }
}
