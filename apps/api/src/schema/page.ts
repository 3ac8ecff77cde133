import { z } from '@hono/zod-openapi'

/** Which part of a list is asked for. */
export const pageQuery = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .openapi({ description: 'How many items at most.', example: 20 }),
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .openapi({ description: 'How many items to pass over.', example: 0 }),
})

/** A part of a list of `item`, and how long the whole list was at the same moment. */
export function pageOf<Item extends z.ZodType>(item: Item, name: string) {
  return z
    .object({
      items: z.array(item),
      total: z.int().openapi({ description: 'The length of the whole list.', example: 42 }),
      limit: z.int(),
      offset: z.int(),
    })
    .openapi(name)
}
