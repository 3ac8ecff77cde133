import { type AppEngine, type Database, findUserById, markWelcomed } from '@app/db'
import { sendWelcome } from '@app/db/jobs'
import type { Session } from '@aquifer/core'
import { defineHandler, type Handler, type JobLogger } from '@aquifer/jobs/worker'
import type { Mail, Mailer } from '../mail/mailer.ts'

/** What welcoming people takes. */
export interface SendWelcomeParts {
  readonly engine: AppEngine
  readonly mailer: Mailer
  readonly logger: Pick<JobLogger, 'info'>
}

/** Sends the mail, then notes when; somebody who is gone by then is passed over. */
export function sendWelcomeHandler({
  engine,
  mailer,
  logger,
}: SendWelcomeParts): Handler<Session<Database>> {
  return defineHandler(sendWelcome, {
    async prepare({ payload, jobId }) {
      const user = await findUserById(engine.db, payload.userId)
      if (user === undefined) {
        logger.info({ jobId }, 'nobody to welcome: the user is gone')
        return undefined
      }
      await mailer.send(welcomeMail(jobId, user))
      return { sentAt: new Date() }
    },
    async apply(session: Session<Database>, sent, { payload }) {
      if (sent !== undefined) await markWelcomed(session.db, payload.userId, sent.sentAt)
    },
  })
}

function welcomeMail(jobId: string, user: { email: string; displayName: string }): Mail {
  return {
    id: jobId,
    to: user.email,
    subject: `Welcome, ${user.displayName}`,
    text: `Hello ${user.displayName},\n\nyour account is ready. Good to have you here.\n`,
  }
}
