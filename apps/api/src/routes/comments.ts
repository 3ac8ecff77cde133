import { addComment, findPost, listComments } from '@app/db'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../app-env.ts'
import type { AppParts } from '../app-parts.ts'
import { requireActor } from '../middleware/actor.ts'
import { snapshot } from '../middleware/session.ts'
import { invalidInput, ofAnyRoute, ofBodies, unauthenticated } from '../problem/catalogue.ts'
import { problems } from '../problem/document.ts'
import { RefusedError, refusal } from '../problem/refusal.ts'
import { commentSchema, toComment } from '../schema/comment.ts'
import { idParam, json, jsonBody, text } from '../schema/fields.ts'
import { pageOf, pageQuery } from '../schema/page.ts'

const postNotPublished = refusal(404, 'POST_NOT_FOUND', 'There is no published post with this id.')

const newComment = z
  .object({ body: text(1, 10_000).openapi({ example: 'Where can I see it?' }) })
  .openapi('NewComment')

const add = createRoute({
  operationId: 'addComment',
  method: 'post',
  path: '/posts/{id}/comments',
  tags: ['comments'],
  summary: 'Comment on a published post',
  security: [{ accessToken: [] }],
  request: { params: idParam, body: jsonBody(newComment) },
  responses: {
    201: json('The comment.', commentSchema),
    ...problems(...ofAnyRoute, ...ofBodies, unauthenticated, postNotPublished),
  },
})

const list = createRoute({
  operationId: 'listComments',
  method: 'get',
  path: '/posts/{id}/comments',
  tags: ['comments'],
  summary: 'List the comments on a published post, oldest first',
  request: { params: idParam, query: pageQuery },
  responses: {
    200: json(
      'One page; items and total are of the same moment.',
      pageOf(commentSchema, 'CommentPage'),
    ),
    ...problems(...ofAnyRoute, invalidInput, postNotPublished),
  },
})

export function commentRoutes({ engine, tokens }: AppParts): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>()
    .openapi({ ...add, middleware: requireActor(tokens) }, async (c) => {
      const author = c.var.actor
      const postId = c.req.valid('param').id
      const comment = await addComment(c.var.db, {
        postId,
        authorId: author.id,
        ...c.req.valid('json'),
      })
      if (comment === undefined) throw new RefusedError(postNotPublished)
      return c.json(toComment({ ...comment, author }), 201)
    })
    .openapi({ ...list, middleware: snapshot(engine) }, async (c) => {
      const postId = c.req.valid('param').id
      const page = c.req.valid('query')
      const post = await findPost(c.var.db, postId)
      if (!post?.publishedAt) throw new RefusedError(postNotPublished)
      const { items, total } = await listComments(c.var.db, { postId, ...page })
      return c.json({ items: items.map(toComment), total, ...page }, 200)
    })
}
