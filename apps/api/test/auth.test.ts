import { findUserByEmail } from '@app/db'
import { expect, test } from 'vitest'
import { type Api, bodyOf, password, registered, setup } from './setup.ts'

interface Authenticated {
  user: { id: string }
  token: string
  expiresAt: string
}

const ada = { email: 'ada@example.com', username: 'ada', displayName: 'Ada Lovelace', password }

test('registering gives the user and a token that opens their own page', async () => {
  await using t = await setup()

  const response = await t.post('/auth/register', ada)
  const { user, token, expiresAt } = await bodyOf<Authenticated>(response)

  expect(response.status).toBe(201)
  expect(response.headers.get('location')).toBe(`/users/${user.id}`)
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now())
  const me = await t.get('/me', token)
  expect(me.status).toBe(200)
  expect(await me.json()).toEqual({
    id: user.id,
    username: 'ada',
    displayName: 'Ada Lovelace',
    email: 'ada@example.com',
    createdAt: expect.any(String),
    welcomedAt: null,
    lastLoginAt: null,
  })
})

test('the commit precedes the answer: user and welcome job are there when it arrives', async () => {
  await using t = await setup()

  await t.post('/auth/register', ada)

  expect(await findUserByEmail(t.onlooker, ada.email)).toMatchObject({ username: 'ada' })
  expect(await waitingJobs(t)).toBe(1)
})

test('a registration that is refused leaves neither user nor job', async () => {
  const failing = { enqueue: () => Promise.reject(new Error('no queue')) }
  await using t = await setup({ jobs: failing })

  const response = await t.post('/auth/register', ada)

  expect(response.status).toBe(500)
  expect(await findUserByEmail(t.onlooker, ada.email)).toBeUndefined()
})

test.each([
  ['e-mail', { email: 'ADA@Example.com', username: 'other' }, 'EMAIL_TAKEN', 'email'],
  ['username', { email: 'other@example.com', username: 'ADA' }, 'USERNAME_TAKEN', 'username'],
])('a taken %s is refused in whatever case, by field', async (_, second, code, path) => {
  await using t = await setup()
  await t.post('/auth/register', ada)

  const response = await t.post('/auth/register', { ...ada, ...second })

  expect(response.status).toBe(409)
  expect(await response.json()).toMatchObject({
    code,
    errors: [{ in: 'body', path, message: 'is taken' }],
  })
  expect(await waitingJobs(t)).toBe(1)
})

test('of two registrations of one e-mail at once, one wins and one is refused', async () => {
  await using t = await setup()

  const responses = await Promise.all([
    t.post('/auth/register', ada),
    t.post('/auth/register', { ...ada, username: 'ada2' }),
  ])

  expect(responses.map(({ status }) => status).sort()).toEqual([201, 409])
  expect(await waitingJobs(t)).toBe(1)
})

test('a login gives its connection back before the password is checked', async () => {
  await using t = await setup()
  await registered(t, 'ada')
  const events: string[] = []
  t.engine.events.on('checkout', () => events.push('taken'))
  t.engine.events.on('checkin', () => events.push('given back'))

  await t.post('/auth/login', { email: ada.email, password })

  const lookup = ['taken', 'given back']
  const record = ['taken', 'given back']
  expect(events).toEqual([...lookup, ...record])
})

test('logging in counts the login and gives a token', async () => {
  await using t = await setup()
  await registered(t, 'ada')

  const response = await t.post('/auth/login', { email: 'ADA@example.com', password })

  expect(response.status).toBe(200)
  const { token } = await bodyOf<Authenticated>(response)
  expect((await t.get('/me', token)).status).toBe(200)
  const user = await findUserByEmail(t.onlooker, ada.email)
  expect(user).toMatchObject({ loginCount: 1, failedLoginCount: 0, lastLoginAt: expect.any(Date) })
})

test('a failed login is counted although it is refused', async () => {
  await using t = await setup()
  await registered(t, 'ada')

  const response = await t.post('/auth/login', { email: ada.email, password: 'wrong' })

  expect(response.status).toBe(401)
  expect(await findUserByEmail(t.onlooker, ada.email)).toMatchObject({
    failedLoginCount: 1,
    loginCount: 0,
  })
})

test('an unknown e-mail and a wrong password get the same answer', async () => {
  await using t = await setup()
  await registered(t, 'ada')

  const wrong = await t.post('/auth/login', { email: ada.email, password: 'wrong' })
  const unknown = await t.post('/auth/login', { email: 'nobody@example.com', password })

  const answers = [await bodyOf(wrong), await bodyOf(unknown)].map((problem) => ({
    ...problem,
    requestId: '',
  }))
  expect([wrong.status, unknown.status]).toEqual([401, 401])
  expect(answers[0]).toEqual(answers[1])
})

test('after ten failures in a row even the right password has to wait', async () => {
  await using t = await setup()
  await registered(t, 'ada')
  for (let failures = 0; failures < 10; failures += 1) {
    await t.post('/auth/login', { email: ada.email, password: 'wrong' })
  }

  const response = await t.post('/auth/login', { email: ada.email, password })

  expect(response.status).toBe(429)
  expect(await response.json()).toMatchObject({ code: 'LOGIN_LOCKED' })
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(14 * 60)
})

test('a success forgets the failures before it', async () => {
  await using t = await setup()
  await registered(t, 'ada')
  await t.post('/auth/login', { email: ada.email, password: 'wrong' })

  await t.post('/auth/login', { email: ada.email, password })

  expect(await findUserByEmail(t.onlooker, ada.email)).toMatchObject({ failedLoginCount: 0 })
})

test.each([
  ['no token', undefined, 'Bearer'],
  ['a forged token', 'eyJhbGciOiJIUzI1NiJ9.e30.AAAA', 'Bearer error="invalid_token"'],
])('%s opens nothing', async (_, token, challenge) => {
  await using t = await setup()

  const response = await t.get('/me', token)

  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe(challenge)
})

test('a token outlives its user without effect', async () => {
  await using t = await setup()
  const { id, token } = await registered(t, 'ada')
  await t.onlooker
    .updateTable('users')
    .set({ deletedAt: new Date() })
    .where('id', '=', id)
    .execute()

  expect((await t.get('/me', token)).status).toBe(401)
})

async function waitingJobs({ engine }: Api): Promise<number> {
  const { rows } = await engine.pool.query<{ n: number }>(
    'select count(*)::int as n from bullmq.job',
  )
  return rows[0]?.n ?? 0
}
