import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smtpServer } from '../../test/smtp-server.ts'
import { createMailer } from './create-mailer.ts'
import type { Mail } from './mailer.ts'

const from = 'Aquifer <hello@example.org>'
const mail: Mail = {
  id: 'job_4711',
  to: 'anna@example.com',
  subject: 'Grüße',
  text: 'Hello Anna\n.\nthe end',
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'aquifer-mail-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('without an SMTP server a mail becomes a file named after it', async () => {
  await using folder = await temporaryFolder()
  const mailer = createMailer({ smtpUrl: undefined, from, dataDir: folder.path })

  await mailer.send(mail)

  expect(await readdir(join(folder.path, 'mail'))).toEqual(['job_4711.eml'])
  const text = await readFile(join(folder.path, 'mail', 'job_4711.eml'), 'utf8')
  expect(text).toContain('Message-ID: <job_4711@example.org>')
  expect(text).toContain('From: Aquifer <hello@example.org>')
  expect(text).toContain('To: anna@example.com')
  expect(text).toContain('Hello Anna')
})

test('a mail that is sent again replaces its file', async () => {
  await using folder = await temporaryFolder()
  const mailer = createMailer({ smtpUrl: undefined, from, dataDir: folder.path })
  await mailer.send(mail)

  await mailer.send({ ...mail, text: 'second' })

  expect(await readdir(join(folder.path, 'mail'))).toEqual(['job_4711.eml'])
  const text = await readFile(join(folder.path, 'mail', 'job_4711.eml'), 'utf8')
  expect(text).toContain('second')
})

test('an SMTP server gets the mail, and the same Message-ID if it is sent again', async () => {
  await using server = await smtpServer()
  const mailer = createMailer({ smtpUrl: server.url, from, dataDir: 'unused' })

  await mailer.send(mail)
  await mailer.send(mail)
  mailer.close()

  expect(server.mails).toHaveLength(2)
  for (const text of server.mails) expect(text).toContain('Message-ID: <job_4711@example.org>')
})

test('a mail that the SMTP server refuses is not sent', async () => {
  await using server = await smtpServer({ refuse: '451 not now' })
  const mailer = createMailer({ smtpUrl: server.url, from, dataDir: 'unused' })

  await expect(mailer.send(mail)).rejects.toThrow(/451/)
  mailer.close()
})
