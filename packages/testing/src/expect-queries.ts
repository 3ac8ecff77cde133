import { AssertionError } from 'node:assert'
import type { Engine } from '@aquifer/core'

/** What engine and sessions send on their own account. */
const NOT_COUNTED =
  /^\s*(begin|start\s+transaction|commit|rollback|savepoint|release|set\s+local)\b|^select pg_current_xact_id_if_assigned\(\)/i

/**
 * Runs `fn` and counts the statements that `engine` has sent meanwhile, for whomever. BEGIN, COMMIT, savepoints and limits of a transaction do not count.
 *
 * @returns what `fn` returns
 * @throws {AssertionError} if there were more or fewer than `count`; it names them all, without their parameters
 */
export async function expectQueries<T>(
  engine: Pick<Engine<unknown>, 'events'>,
  count: number,
  fn: () => Promise<T>,
): Promise<T> {
  const sent: string[] = []
  const off = engine.events.on('statement', ({ text }) => {
    if (!NOT_COUNTED.test(text)) sent.push(text)
  })
  let result: T
  try {
    result = await fn()
  } finally {
    off()
  }
  if (sent.length !== count) throw miscounted(sent, count)
  return result
}

function miscounted(sent: readonly string[], expected: number): AssertionError {
  const list = sent.map((text, at) => `\n  ${at + 1}. ${text.replace(/\s+/g, ' ').trim()}`).join('')
  return new AssertionError({
    message: `${expected} statements were expected and ${sent.length} were sent${list === '' ? '' : `:${list}`}`,
    actual: sent.length,
    expected,
    operator: 'expectQueries',
  })
}
