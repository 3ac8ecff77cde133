import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Mailer } from './mailer.ts'
import { messageOf } from './message.ts'

/**
 * Writes each mail to `<dataDir>/mail/<id>.eml`, which mail programs open. A file is there as a
 * whole or not at all, and a mail that is sent again replaces its own.
 */
export function createEmlFolder(dataDir: string, from: string): Mailer {
  const folder = join(dataDir, 'mail')
  const composer = createTransport({ streamTransport: true, buffer: true })
  return {
    async send(mail) {
      const { message } = await composer.sendMail(messageOf(mail, from))
      const file = join(folder, `${mail.id}.eml`)
      const unfinished = join(folder, `.${mail.id}.${process.pid}`)
      await mkdir(folder, { recursive: true })
      try {
        await writeFile(unfinished, message as Buffer, { flush: true })
        await rename(unfinished, file)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
    },
    close: () => {},
  }
}
