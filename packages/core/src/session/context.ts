import { UsageError } from '../errors/usage-error.ts'
import type { Statement } from '../pool/statement.ts'
import type { FactsCache } from '../pool/statement-facts.ts'

/** On whose behalf a unit of work runs: names and texts, as tenant and actor, that policies of the database can read. */
export type SessionContext = Readonly<Record<string, string>>

/** What stands in front of each name, unless the profile says otherwise. */
export const defaultPrefix = 'app.'
const NAME = /^[a-z_][a-z0-9_]*$/

/** The context of a session that was opened without one. */
export const noContext: SessionContext = Object.freeze({})

/**
 * The context that is asked for, as a copy that nobody can change.
 *
 * @throws {UsageError} `SESSION_CONTEXT_AUTOCOMMIT`, `SESSION_CONTEXT_INVALID`
 */
export function contextOf(
  context: SessionContext,
  mode: 'transaction' | 'autocommit' = 'transaction',
): SessionContext {
  if (mode === 'autocommit') {
    throw new UsageError(
      'SESSION_CONTEXT_AUTOCOMMIT',
      'a context holds for a transaction, and an autocommit session has none: open the session without mode autocommit',
    )
  }
  for (const [name, value] of Object.entries(context)) {
    if (!NAME.test(name)) throw invalid(name, 'must match [a-z_][a-z0-9_]*')
    if (typeof value !== 'string') throw invalid(name, 'must have a text as its value')
  }
  return Object.freeze({ ...context })
}

/**
 * Lets a session join another one only as who that one is.
 *
 * @throws {UsageError} `SESSION_CONTEXT` if they differ; the message names the entry
 */
export function assertSameContext(asked: SessionContext, current: SessionContext): void {
  for (const name of Object.keys({ ...asked, ...current })) {
    if (asked[name] === current[name]) continue
    throw new UsageError(
      'SESSION_CONTEXT',
      `a session was asked for inside another one whose context differs in ${name}: ask without a context to join that one, or use propagation 'new'`,
    )
  }
}

/** What travels behind BEGIN, so that the context holds before the first statement and no longer than the transaction. */
export function contextFlight(
  context: SessionContext,
  facts: FactsCache,
  prefix: string = defaultPrefix,
): readonly Statement[] {
  const entries = Object.entries(context)
  if (entries.length === 0) return []
  const calls = entries.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, true)`)
  const text = `select ${calls.join(', ')}`
  const values = entries.flatMap(([name, value]) => [`${prefix}${name}`, value])
  return [{ text, values, facts: facts.of(text) }]
}

function invalid(name: string, rule: string): UsageError {
  return new UsageError('SESSION_CONTEXT_INVALID', `the entry ${name} of the context ${rule}`)
}
