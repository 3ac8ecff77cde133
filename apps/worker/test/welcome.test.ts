import { describe, expect, test } from 'vitest'
import { smtpServer } from './smtp-server.ts'
import { until, World } from './world.ts'

describe.each(['postgres', 'redis'] as const)('on %s', (transport) => {
  test('who registers gets one mail, and the time of it is noted', async (context) => {
    await using world = await World.open(transport, context)
    const worker = world.worker()

    const { user, jobId } = await world.register()

    await until(() => world.isWelcomed(user))
    const mails = await world.mails()
    expect(Object.keys(mails)).toEqual([`${jobId}.eml`])
    expect(mails[`${jobId}.eml`]).toContain(`To: ${user.email}`)
    expect(mails[`${jobId}.eml`]).toContain(`Message-ID: <${jobId}@`)
    await until(() => worker.said('job done').length === 1)
    expect(worker.said('job done')).toMatchObject([{ jobId, job: 'send-welcome', result: 'done' }])
    worker.signal('SIGTERM')
    expect(await worker.ended()).toBe('code 0')
    expect(worker.stderr).toBe('')
  })

  test('who is gone by then gets no mail, and the job is done', async (context) => {
    await using world = await World.open(transport, context)
    const { user, jobId } = await world.register()
    const deletion = { deletedAt: new Date() }
    await world.engine.db.updateTable('users').set(deletion).where('id', '=', user.id).execute()

    const worker = world.worker()

    await until(() => worker.said('job done').length === 1)
    expect(worker.said('nobody to welcome: the user is gone')).toMatchObject([{ jobId }])
    expect(await world.mails()).toEqual({})
  })
})

test('with SMTP_URL the mail goes to that server', async (context) => {
  await using world = await World.open('postgres', context)
  await using smtp = await smtpServer()
  world.worker({ SMTP_URL: smtp.url, MAIL_FROM: 'Ann <ann@example.org>' })

  const { user, jobId } = await world.register()

  await until(() => world.isWelcomed(user))
  expect(smtp.mails).toHaveLength(1)
  expect(smtp.mails[0]).toContain(`Message-ID: <${jobId}@example.org>`)
  expect(smtp.mails[0]).toContain('From: Ann <ann@example.org>')
  expect(await world.mails()).toEqual({})
})

// The worst moment: the mail is out, and that it is out is not yet noted. Takes as long as a lock does.
test('a worker killed after the mail leaves one user welcomed and one Message-ID', {
  timeout: 90_000,
}, async (context) => {
  await using world = await World.open('postgres', context)
  await using silent = await smtpServer({ silent: true })
  const first = world.worker({ SMTP_URL: silent.url })
  const { user, jobId } = await world.register()
  await until(() => silent.mails.length === 1)
  first.signal('SIGKILL')
  await first.ended()
  expect(await world.isWelcomed(user)).toBe(false)

  await using smtp = await smtpServer()
  const second = world.worker({ SMTP_URL: smtp.url })

  await until(() => world.isWelcomed(user))
  await until(() => second.said('job done').length === 1)
  expect(smtp.mails).toHaveLength(1)
  for (const mail of [...silent.mails, ...smtp.mails])
    expect(mail).toContain(`Message-ID: <${jobId}@`)
})
