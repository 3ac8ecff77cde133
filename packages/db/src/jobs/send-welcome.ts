import { defineJob } from '@aquifer/jobs'
import { z } from 'zod'

/** Sends a new user the welcome mail, once; `users.welcomedAt` tells when. */
export const sendWelcome = defineJob({
  name: 'send-welcome',
  version: 1,
  schema: z.object({ userId: z.uuid() }),
  attempts: 10,
  timeoutMs: 30_000,
})
