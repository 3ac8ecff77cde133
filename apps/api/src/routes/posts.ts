import { createPost, feed, findPost, listPublishedPosts, publishPost } from '@app/db'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../app-env.ts'
import type { AppParts } from '../app-parts.ts'
import { optionalActor, requireActor } from '../middleware/actor.ts'
import { snapshot } from '../middleware/session.ts'
import { invalidInput, ofAnyRoute, ofBodies, unauthenticated } from '../problem/catalogue.ts'
import { problems } from '../problem/document.ts'
import { RefusedError, refusal } from '../problem/refusal.ts'
import { idParam, json, jsonBody, text } from '../schema/fields.ts'
import { pageOf, pageQuery } from '../schema/page.ts'
import { postSchema, postWithCountSchema, toPost } from '../schema/post.ts'

const postNotFound = refusal(404, 'POST_NOT_FOUND', 'There is no such post that you may see.')
const notYourPost = refusal(404, 'POST_NOT_FOUND', 'You have no post with this id.')

const newPost = z
  .object({
    title: text(1, 200).openapi({ example: 'Notes on the Analytical Engine' }),
    body: text(0, 100_000).openapi({
      example: 'It can do whatever we know how to order it to perform.',
    }),
  })
  .openapi('NewPost')

const create = createRoute({
  operationId: 'createPost',
  method: 'post',
  path: '/posts',
  tags: ['posts'],
  summary: 'Write a draft',
  security: [{ accessToken: [] }],
  request: { body: jsonBody(newPost) },
  responses: {
    201: json('The draft; only its author sees it.', postSchema),
    ...problems(...ofAnyRoute, ...ofBodies, unauthenticated),
  },
})

const publish = createRoute({
  operationId: 'publishPost',
  method: 'post',
  path: '/posts/{id}/publish',
  tags: ['posts'],
  summary: 'Publish your post',
  description: 'Publishing again changes nothing: the post keeps its first time.',
  security: [{ accessToken: [] }],
  request: { params: idParam },
  responses: {
    200: json('The published post.', postSchema),
    ...problems(...ofAnyRoute, unauthenticated, invalidInput, notYourPost),
  },
})

const list = createRoute({
  operationId: 'listPosts',
  method: 'get',
  path: '/posts',
  tags: ['posts'],
  summary: 'List published posts, newest first',
  request: { query: pageQuery },
  responses: {
    200: json('One page; items and total are of the same moment.', pageOf(postSchema, 'PostPage')),
    ...problems(...ofAnyRoute, invalidInput),
  },
})

const readFeed = createRoute({
  operationId: 'readFeed',
  method: 'get',
  path: '/feed',
  tags: ['posts'],
  summary: 'List the published posts of everyone you follow, newest first',
  security: [{ accessToken: [] }],
  request: { query: pageQuery },
  responses: {
    200: json('One page; items and total are of the same moment.', pageOf(postSchema, 'FeedPage')),
    ...problems(...ofAnyRoute, unauthenticated, invalidInput),
  },
})

const read = createRoute({
  operationId: 'readPost',
  method: 'get',
  path: '/posts/{id}',
  tags: ['posts'],
  summary: 'Read a post',
  description: 'A draft is there for its author alone.',
  security: [{}, { accessToken: [] }],
  request: { params: idParam },
  responses: {
    200: json('The post and how many comments it had at the same moment.', postWithCountSchema),
    ...problems(...ofAnyRoute, unauthenticated, invalidInput, postNotFound),
  },
})

export function postRoutes({ engine, tokens }: AppParts): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>()
    .openapi({ ...create, middleware: requireActor(tokens) }, async (c) => {
      const author = c.var.actor
      const post = await createPost(c.var.db, { authorId: author.id, ...c.req.valid('json') })
      const location = `/posts/${post.id}`
      return c.json(toPost({ ...post, author }), 201, { location })
    })
    .openapi({ ...publish, middleware: requireActor(tokens) }, async (c) => {
      const author = c.var.actor
      const post = await publishPost(c.var.db, {
        postId: c.req.valid('param').id,
        authorId: author.id,
      })
      if (post === undefined) throw new RefusedError(notYourPost)
      return c.json(toPost({ ...post, author }), 200)
    })
    .openapi({ ...list, middleware: snapshot(engine) }, async (c) => {
      const page = c.req.valid('query')
      const { items, total } = await listPublishedPosts(c.var.db, page)
      return c.json({ items: items.map(toPost), total, ...page }, 200)
    })
    .openapi(
      { ...readFeed, middleware: [snapshot(engine), requireActor(tokens)] as const },
      async (c) => {
        const page = c.req.valid('query')
        const { items, total } = await feed(c.var.db, c.var.actor.id, page)
        return c.json({ items: items.map(toPost), total, ...page }, 200)
      },
    )
    .openapi(
      { ...read, middleware: [snapshot(engine), optionalActor(tokens)] as const },
      async (c) => {
        const post = await findPost(c.var.db, c.req.valid('param').id)
        if (!post || (post.publishedAt === null && post.authorId !== c.var.actor?.id)) {
          throw new RefusedError(postNotFound)
        }
        return c.json({ ...toPost(post), commentCount: post.commentCount }, 200)
      },
    )
}
