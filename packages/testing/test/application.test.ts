import type { Engine } from '@aquifer/core'
import { type SessionVariables, sessionPerRequest } from '@aquifer/core/hono'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { openSandbox } from '../src/index.ts'
import { ids, insert, type Notes, setup } from './world.ts'

/** An application that knows of no sandbox. */
function createApp(engine: Engine<Notes>) {
  const app = new Hono<{ Variables: SessionVariables<Notes> }>()
  app.use(sessionPerRequest(engine))
  app.post('/notes/:id', async (c) => {
    await insert(c.var.db, Number(c.req.param('id')))
    await insert(engine.db, 100 + Number(c.req.param('id')))
    return c.json({}, c.req.query('refuse') ? 409 : 201)
  })
  app.get('/notes', async (c) => c.json(await ids({ db: c.var.db })))
  app.onError((_error, c) => c.json({}, 500))
  return app
}

test('requests of an application are units of the sandbox', async () => {
  await using t = await setup()
  await using sandbox = await openSandbox(t.engine)
  const app = createApp(sandbox.engine)
  const post = async (path: string) => (await app.request(path, { method: 'POST' })).status

  const paths = ['/notes/1', '/notes/2?refuse=1', '/notes/3', '/notes/1', '/notes/4']
  expect((await Promise.all(paths.map(post))).toSorted()).toEqual([201, 201, 201, 409, 500])

  expect(await (await app.request('/notes')).json()).toEqual([1, 3, 4, 101, 103, 104])
  expect(await ids(t.engine)).toEqual([])
})

test('applications in sandboxes of their own do not meet', async () => {
  await using t = await setup()
  const seen = await Promise.all(
    Array.from({ length: 10 }, async (_, n) => {
      await using sandbox = await openSandbox(t.engine)
      const app = createApp(sandbox.engine)
      await app.request(`/notes/${n}`, { method: 'POST' })
      return (await app.request('/notes')).json()
    }),
  )
  expect(seen).toEqual(Array.from({ length: 10 }, (_, n) => [n, 100 + n]))
})
