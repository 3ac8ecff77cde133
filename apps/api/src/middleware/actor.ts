import { type Database, findUserById, type UserRow } from '@app/db'
import type { HonoRequest, MiddlewareHandler } from 'hono'
import type { Kysely } from 'kysely'
import type { AppEnv } from '../app-env.ts'
import type { AccessTokens } from '../auth/access-token.ts'
import { unauthenticated } from '../problem/catalogue.ts'
import { RefusedError } from '../problem/refusal.ts'

/** An environment in which the request's user is known, or known to be nobody. */
export interface ActorEnv<Actor extends UserRow | undefined> {
  Variables: AppEnv['Variables'] & { actor: Actor }
}

/** Refuses a request without a valid token of a living user; otherwise `c.var.actor` is that user. */
export function requireActor(tokens: AccessTokens): MiddlewareHandler<ActorEnv<UserRow>> {
  return async (c, next) => {
    const token = bearerToken(c.req)
    const actor = token === undefined ? undefined : await userOf(token, tokens, c.var.db)
    if (actor === undefined) throw refused(token)
    c.set('actor', actor)
    await next()
  }
}

/** `c.var.actor` is the user of the token, or undefined if the request came without one. A bad token is refused. */
export function optionalActor(
  tokens: AccessTokens,
): MiddlewareHandler<ActorEnv<UserRow | undefined>> {
  return async (c, next) => {
    const token = bearerToken(c.req)
    const actor = token === undefined ? undefined : await userOf(token, tokens, c.var.db)
    if (token !== undefined && actor === undefined) throw refused(token)
    c.set('actor', actor)
    await next()
  }
}

function bearerToken(request: HonoRequest): string | undefined {
  return request.header('authorization')?.match(/^Bearer +(\S+)$/i)?.[1]
}

/** Looked up on each request: a token outlives the user it was issued to. */
async function userOf(
  token: string,
  tokens: AccessTokens,
  db: Kysely<Database>,
): Promise<UserRow | undefined> {
  const userId = await tokens.userIdOf(token)
  return userId === undefined ? undefined : await findUserById(db, userId)
}

/** RFC 6750: the challenge names an error only if a token was shown. */
function refused(token: string | undefined): RefusedError {
  const challenge = token === undefined ? 'Bearer' : 'Bearer error="invalid_token"'
  return new RefusedError(unauthenticated, { headers: { 'www-authenticate': challenge } })
}
