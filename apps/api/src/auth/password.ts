import { hash, verify } from '@node-rs/argon2'

/**
 * A random password's hash, with the parameters of all others. An unknown e-mail is checked against
 * it, so that the time of a refusal does not tell whether an account exists.
 */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$PF+EvcVKQGR3tqhNjRHWcw$kVS2CFc1TBREOAYekDaLrOCRjGnv1mOfvHd6RHNpE5Y'

/** argon2id with the package's defaults, OWASP's first choice (19 MiB, 2 passes). */
export function hashPassword(password: string): Promise<string> {
  return hash(password)
}

/** Whether `password` belongs to `passwordHash`; takes as long when there is no account at all. */
export async function passwordMatches(
  password: string,
  passwordHash: string | undefined,
): Promise<boolean> {
  const matches = await verify(passwordHash ?? NOBODYS_HASH, password)
  return matches && passwordHash !== undefined
}
