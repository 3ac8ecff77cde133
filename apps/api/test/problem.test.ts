import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { bodyOf, password, registered, setup } from './setup.ts'

test.each([
  { what: 'an unknown address', path: '/nowhere', status: 404, code: 'NOT_FOUND' },
  {
    what: 'another method',
    method: 'DELETE',
    path: '/posts',
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
  },
  { what: 'a body that is no JSON', ...login('{"email":'), status: 400, code: 'MALFORMED_JSON' },
  {
    what: 'a huge body',
    ...login(`"${'x'.repeat(1024 * 1024)}"`),
    status: 413,
    code: 'BODY_TOO_LARGE',
  },
  {
    what: 'a body of another type',
    ...login('<a/>', 'text/xml'),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  { what: 'no body', method: 'POST', path: '/auth/login', status: 422, code: 'INVALID_INPUT' },
  { what: 'an id that is none', path: '/posts/7', status: 422, code: 'INVALID_INPUT' },
  { what: 'a page that is none', path: '/posts?limit=0', status: 422, code: 'INVALID_INPUT' },
])('$what is refused as problem+json', async ({ path, status, code, ...init }) => {
  await using t = await setup()

  const response = await t.app.request(path, init)

  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await bodyOf(response)).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    requestId: response.headers.get('x-request-id'),
  })
})

test('a wrong method is told the right ones', async () => {
  await using t = await setup()

  const response = await t.app.request('/posts', { method: 'DELETE' })

  expect(response.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
})

test('invalid input is refused field by field, without its values', async () => {
  await using t = await setup()

  const response = await t.post('/auth/register', {
    email: 'hunter2@nowhere',
    username: 'hunter2!',
    displayName: 'hunter2\0',
    password: 'hunter2',
  })
  const text = await response.text()

  expect(response.status).toBe(422)
  expect(JSON.parse(text).errors).toMatchObject([
    { in: 'body', path: 'email' },
    { in: 'body', path: 'username' },
    { in: 'body', path: 'displayName' },
    { in: 'body', path: 'password' },
  ])
  expect(text).not.toContain('hunter2')
})

test('a failure of ours is refused without a word of SQL; the log has the reason', async () => {
  await using t = await setup()
  await sql`alter table users rename column username to handle`.execute(t.onlooker)

  const response = await t.post('/auth/register', {
    email: 'a@example.com',
    username: 'ada',
    password,
  })
  const text = await response.text()

  expect(response.status).toBe(500)
  expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL' })
  expect(text).not.toMatch(/username|users|column|select|insert|42703|\.ts|node_modules/i)
  const line = JSON.parse(t.lines.at(-1) ?? '')
  expect(line).toMatchObject({
    level: 'error',
    requestId: JSON.parse(text).requestId,
    err: { sqlState: '42703' },
  })
})

test('a rule that the schema keeps and no route names is refused without its name', async () => {
  await using t = await setup()
  const ada = await registered(t, 'ada')
  await sql`alter table posts add constraint secret_rule check (title <> 'Forbidden')`.execute(
    t.onlooker,
  )

  const response = await t.post('/posts', { title: 'Forbidden', body: '' }, ada.token)
  const text = await response.text()

  expect(response.status).toBe(409)
  expect(text).not.toMatch(/secret_rule|posts|Forbidden/)
  expect(JSON.parse(t.lines.at(-1) ?? '')).toMatchObject({ err: { code: 'CHECK_VIOLATION' } })
})

test('a request id is taken over if it is sane, and made up if not', async () => {
  await using t = await setup()
  const idFor = async (given: string) => {
    const response = await t.app.request('/health/live', { headers: { 'x-request-id': given } })
    return response.headers.get('x-request-id')
  }

  expect(await idFor('abc-123')).toBe('abc-123')
  expect(await idFor('a b"c')).toMatch(/^[0-9a-f-]{36}$/)
  expect(await idFor('x'.repeat(200))).toMatch(/^[0-9a-f-]{36}$/)
  expect(t.lines.join('')).toContain('"requestId":"abc-123"')
})

test('neither passwords nor tokens are logged', async () => {
  await using t = await setup()

  const { token } = await registered(t, 'ada')
  await t.get('/me', token)
  await t.post('/auth/login', { email: 'ada@example.com', password: `${password}!` })

  expect(t.lines).toHaveLength(3)
  expect(t.lines.join('')).not.toContain(token)
  expect(t.lines.join('')).not.toContain(password)
})

test('every answer carries the headers that browsers heed, and opens to no other origin', async () => {
  await using t = await setup()

  const { headers } = await t.get('/posts')

  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toBe("default-src 'none'")
  expect(headers.get('access-control-allow-origin')).toBeNull()
})

function login(body: string, type = 'application/json') {
  return { method: 'POST', path: '/auth/login', body, headers: { 'content-type': type } }
}
