import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backends, type World } from './backends.ts'
import { ask, mailedTo, register, welcomed } from './visitor.ts'

for (const { title, missing, open } of await backends()) {
  describe.skipIf(missing)(title, () => {
    let t: World
    beforeAll(async () => {
      t = await open()
    })
    afterAll(() => t[Symbol.asyncDispose]())

    test('a visitor registers, is welcomed, logs in, publishes and is commented', async () => {
      const { product } = t

      const visitor = await register(product)
      await welcomed(product, visitor)
      expect(await mailedTo(product.dataDir)).toEqual([visitor.email])

      const { email, password } = visitor
      const login = await ask(product, 'POST /auth/login', { body: { email, password } })
      expect(login.status).toBe(200)
      const { token } = login.body

      const draft = await ask(product, 'POST /posts', {
        token,
        body: { title: 'Wells', body: 'Deep.' },
      })
      expect(draft).toMatchObject({ status: 201, body: { title: 'Wells', publishedAt: null } })
      const { id } = draft.body
      const published = await ask(product, `POST /posts/${id}/publish`, { token })
      expect(published.status).toBe(200)
      const comment = await ask(product, `POST /posts/${id}/comments`, {
        token,
        body: { body: 'Deeper!' },
      })
      expect(comment.status).toBe(201)

      const posts = await ask(product, 'GET /posts')
      expect(posts.body.items).toContainEqual(expect.objectContaining({ id, title: 'Wells' }))
      const comments = await ask(product, `GET /posts/${id}/comments`)
      expect(comments.body.items).toMatchObject([{ body: 'Deeper!' }])
    })

    test('what operators and readers look at is there', async () => {
      expect(await ask(t.product, 'GET /health/live')).toMatchObject({ status: 200 })
      expect(await ask(t.product, 'GET /health/ready')).toMatchObject({ status: 200 })
      expect((await ask(t.product, 'GET /metrics')).body).toContain('# TYPE')
      expect((await ask(t.product, 'GET /openapi.json')).body.paths).toHaveProperty(
        '/auth/register',
      )
      expect(await ask(t.product, 'GET /docs')).toMatchObject({
        status: 200,
        type: expect.stringContaining('html'),
      })
      expect(await ask(t.product, 'GET /nowhere')).toMatchObject({
        status: 404,
        type: expect.stringContaining('problem+json'),
      })
    })

    test('API and worker hold separate pools, seen by name', async () => {
      const client = new pg.Client(t.databaseUrl)
      await client.connect()

      const { rows } = await client.query<{ name: string }>(
        `select distinct split_part(application_name, '@', 1) as name from pg_stat_activity
       where datname = current_database() and application_name <> '' order by 1`,
      )
      await client.end()

      const names = rows.map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(['app:api', 'app:worker']))
    })
  })
}
