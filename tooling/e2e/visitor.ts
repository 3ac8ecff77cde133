import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { Product } from './product.ts'

/** An answer of the API. */
export interface Answer {
  status: number
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: a visitor looks at JSON of every shape
  body: any
}

/** Somebody whose registration was acknowledged. */
export interface Visitor {
  email: string
  password: string
  token: string
}

/** One request, answered in JSON or in text. */
export async function ask(
  product: Product,
  call: string,
  options: { token?: string; body?: object } = {},
): Promise<Answer> {
  const [method = 'GET', path = '/'] = call.split(' ')
  const headers: Record<string, string> = {}
  if (options.token) headers.authorization = `Bearer ${options.token}`
  if (options.body) headers['content-type'] = 'application/json'
  const response = await fetch(`${product.url}${path}`, {
    method,
    headers,
    ...(options.body && { body: JSON.stringify(options.body) }),
  })
  const type = response.headers.get('content-type') ?? ''
  const body = type.includes('json') ? await response.json() : await response.text()
  return { status: response.status, type, body }
}

/** Registers somebody new. Throws if the API did not acknowledge it. */
export async function register(product: Product): Promise<Visitor> {
  const username = `v${randomUUID().replaceAll('-', '').slice(0, 20)}`
  const person = { username, email: `${username}@example.com`, password: 'a long password' }
  const { status, body } = await ask(product, 'POST /auth/register', { body: person })
  if (status !== 201) throw new Error(`registering was answered with ${status} ${body.code ?? ''}`)
  return { email: person.email, password: person.password, token: body.token }
}

/** Waits until the welcome job has left its mark, and returns it. */
export async function welcomed(product: Product, { token }: Visitor): Promise<string> {
  return vi.waitFor(
    async () => {
      const { body } = await ask(product, 'GET /me', { token })
      expect(body.welcomedAt).toEqual(expect.any(String))
      return body.welcomedAt
    },
    { timeout: 90_000, interval: 100 },
  )
}

/** Who got a mail, once for each mail. */
export async function mailedTo(dataDir: string): Promise<string[]> {
  const folder = join(dataDir, 'mail')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => /^To: (.+?)\r?$/m.exec(text)?.[1] ?? 'nobody')
}
