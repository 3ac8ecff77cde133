import { z } from '@hono/zod-openapi'

/** Text for people, of `min` to `max` characters. PostgreSQL's text cannot hold the NUL character. */
export function text(min: number, max: number) {
  return z
    .string()
    .trim()
    .min(min)
    .max(max)
    .refine((value) => !value.includes('\0'), 'must not contain the NUL character')
}

/** An instant, in UTC. */
export function instant() {
  return z.iso.datetime().openapi({ example: '2027-01-31T12:00:00.000Z' })
}

/** The id of a row. */
export function id() {
  return z.uuid().openapi({ example: '0199f2d5-7f0c-7cf2-9d6e-5f3c1c0a4e11' })
}

/** The id in a path. */
export const idParam = z.object({ id: id() })

/** A body that has to be there, in JSON. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const
}

/** An answer in JSON. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } } as const
}
