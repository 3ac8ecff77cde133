import { createUser } from '@app/db'
import { sendWelcome } from '@app/db/jobs'
import { type ConstraintError, isAquiferError } from '@aquifer/core'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../app-env.ts'
import type { AppParts } from '../app-parts.ts'
import { invalidCredentials, logIn, loginLocked } from '../auth/log-in.ts'
import { hashPassword } from '../auth/password.ts'
import { ofAnyRoute, ofBodies } from '../problem/catalogue.ts'
import { problems } from '../problem/document.ts'
import { type Refusal, RefusedError, refusal } from '../problem/refusal.ts'
import { instant, json, jsonBody, text } from '../schema/fields.ts'
import { emailField, ownUserSchema, toOwnUser, usernameField } from '../schema/user.ts'

const emailTaken = refusal(409, 'EMAIL_TAKEN', 'Somebody has registered with this e-mail already.')
const usernameTaken = refusal(409, 'USERNAME_TAKEN', 'Somebody has this username already.')

const passwordField = z
  .string()
  .max(128)
  .openapi({ format: 'password', example: 'correct horse battery staple' })

const registration = z
  .object({
    email: emailField,
    username: usernameField,
    displayName: text(1, 100)
      .optional()
      .openapi({ description: 'The username if left out.', example: 'Ada Lovelace' }),
    password: passwordField.min(8),
  })
  .openapi('Registration')

const credentials = z.object({ email: emailField, password: passwordField }).openapi('Credentials')

const authenticatedSchema = z
  .object({
    user: ownUserSchema,
    token: z.string().openapi({ description: 'Send it as "Authorization: Bearer <token>".' }),
    expiresAt: instant(),
  })
  .openapi('Authenticated')

const register = createRoute({
  operationId: 'register',
  method: 'post',
  path: '/auth/register',
  tags: ['auth'],
  summary: 'Register',
  description: 'Adds a user, logs them in, and sends them a welcome mail soon after.',
  request: { body: jsonBody(registration) },
  responses: {
    201: json('The new user and their access token.', authenticatedSchema),
    ...problems(...ofAnyRoute, ...ofBodies, emailTaken, usernameTaken),
  },
})

const login = createRoute({
  operationId: 'logIn',
  method: 'post',
  path: '/auth/login',
  tags: ['auth'],
  summary: 'Log in',
  description:
    'An unknown e-mail and a wrong password are answered alike. The tenth failure in a row locks the login for a quarter of an hour.',
  request: { body: jsonBody(credentials) },
  responses: {
    200: json('The user and their access token.', authenticatedSchema),
    ...problems(...ofAnyRoute, ...ofBodies, invalidCredentials, loginLocked),
  },
})

export function authRoutes({ engine, jobs, tokens }: AppParts): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>()
    .openapi(register, async (c) => {
      const { email, username, displayName = username, password } = c.req.valid('json')
      // Before the first statement: hashing takes long, and no connection waits for it.
      const passwordHash = await hashPassword(password)
      const user = await createUser(c.var.db, { email, username, displayName, passwordHash }).catch(
        refuseTaken,
      )
      await jobs.enqueue(sendWelcome, { userId: user.id })
      const issued = await tokens.issue(user.id)
      return c.json({ user: toOwnUser(user), ...issued }, 201, { location: `/users/${user.id}` })
    })
    .openapi(login, async (c) => {
      const user = await logIn(engine, c.req.valid('json'), c.var)
      const issued = await tokens.issue(user.id)
      return c.json({ user: toOwnUser(user), ...issued }, 200)
    })
}

const TAKEN: Readonly<Record<string, { refusal: Refusal; path: string }>> = {
  users_email_living_key: { refusal: emailTaken, path: 'email' },
  users_username_living_key: { refusal: usernameTaken, path: 'username' },
}

function refuseTaken(error: unknown): never {
  const taken = isConstraintError(error) ? TAKEN[error.constraint ?? ''] : undefined
  if (taken === undefined) throw error
  const { refusal, path } = taken
  throw new RefusedError(refusal, { errors: [{ in: 'body', path, message: 'is taken' }] })
}

function isConstraintError(error: unknown): error is ConstraintError {
  return isAquiferError(error) && error.kind === 'constraint'
}
