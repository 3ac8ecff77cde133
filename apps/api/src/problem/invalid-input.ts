import type { Hook } from '@hono/zod-openapi'
import { invalidInput } from './catalogue.ts'
import { type FieldError, RefusedError } from './refusal.ts'

const PLACES: Readonly<Record<string, FieldError['in']>> = {
  json: 'body',
  query: 'query',
  param: 'path',
}

/**
 * Runs after each validation of a route: refuses input that does not fit, naming every field. The
 * messages are the schema's, which speak of what is expected and not of what came.
 */
// biome-ignore lint/suspicious/noExplicitAny: the type of a hook that serves every route.
export const refuseInvalidInput: Hook<any, any, any, any> = (result) => {
  if (result.success) return
  const place = PLACES[result.target] ?? 'body'
  throw new RefusedError(invalidInput, {
    errors: result.error.issues.map(({ path, message }) => ({
      in: place,
      path: path.join('.'),
      message,
    })),
  })
}
