import { findProfile, findUserById, listUsers } from '@app/db'
import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from '../app-env.ts'
import type { AppParts } from '../app-parts.ts'
import { requireActor } from '../middleware/actor.ts'
import { snapshot } from '../middleware/session.ts'
import { invalidInput, ofAnyRoute, unauthenticated } from '../problem/catalogue.ts'
import { problems } from '../problem/document.ts'
import { RefusedError, refusal } from '../problem/refusal.ts'
import { idParam, json } from '../schema/fields.ts'
import { pageOf, pageQuery } from '../schema/page.ts'
import { profileSchema, toProfile } from '../schema/profile.ts'
import { ownUserSchema, toOwnUser, toUser, userSchema } from '../schema/user.ts'

const userNotFound = refusal(404, 'USER_NOT_FOUND', 'There is no user with this id.')

const me = createRoute({
  operationId: 'readMe',
  method: 'get',
  path: '/me',
  tags: ['users'],
  summary: 'Read your own user',
  security: [{ accessToken: [] }],
  responses: {
    200: json('The user of the access token.', ownUserSchema),
    ...problems(...ofAnyRoute, unauthenticated),
  },
})

const list = createRoute({
  operationId: 'listUsers',
  method: 'get',
  path: '/users',
  tags: ['users'],
  summary: 'List users, newest first',
  request: { query: pageQuery },
  responses: {
    200: json('One page; items and total are of the same moment.', pageOf(userSchema, 'UserPage')),
    ...problems(...ofAnyRoute, invalidInput),
  },
})

const read = createRoute({
  operationId: 'readUser',
  method: 'get',
  path: '/users/{id}',
  tags: ['users'],
  summary: 'Read a user',
  request: { params: idParam },
  responses: {
    200: json('The user.', userSchema),
    ...problems(...ofAnyRoute, invalidInput, userNotFound),
  },
})

const profile = createRoute({
  operationId: 'readProfile',
  method: 'get',
  path: '/users/{id}/profile',
  tags: ['users'],
  summary: 'Read what a user is and does here',
  request: { params: idParam },
  responses: {
    200: json('The profile, all of it of the same moment.', profileSchema),
    ...problems(...ofAnyRoute, invalidInput, userNotFound),
  },
})

export function userRoutes({ engine, tokens }: AppParts): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>()
    .openapi({ ...me, middleware: requireActor(tokens) }, (c) =>
      c.json(toOwnUser(c.var.actor), 200),
    )
    .openapi({ ...list, middleware: snapshot(engine) }, async (c) => {
      const page = c.req.valid('query')
      const { items, total } = await listUsers(c.var.db, page)
      return c.json({ items: items.map(toUser), total, ...page }, 200)
    })
    .openapi(read, async (c) => {
      const user = await findUserById(c.var.db, c.req.valid('param').id)
      if (user === undefined) throw new RefusedError(userNotFound)
      return c.json(toUser(user), 200)
    })
    .openapi(profile, async (c) => {
      const found = await findProfile(c.var.db, c.req.valid('param').id)
      if (found === undefined) throw new RefusedError(userNotFound)
      return c.json(toProfile(found), 200)
    })
}
