import type { FlightPart } from '../pool/flight-writer.ts'
import type { Statement } from '../pool/statement.ts'
import type { StatementFacts } from '../pool/statement-facts.ts'
import { withoutLiterals } from '../pool/statement-text.ts'
import { needsCommit, type SandboxError, severalWithControl } from './sandbox-error.ts'

const CONTROLS =
  /(^|;)\s*(begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b/i
const PREPARED = /(^|;)\s*(commit|rollback)\s+prepared\b/i

/** Why no savepoint can stand for what these statements ask; undefined if one can. */
export function refusalOf(
  parts: readonly FlightPart[],
  factsOf: (statement: Statement) => StatementFacts,
): SandboxError | undefined {
  for (const part of parts) {
    if (!('text' in part)) continue
    const { listens, several, control } = factsOf(part)
    if (listens) return needsCommit('LISTEN')
    if (endsPrepared(part.text)) return needsCommit('COMMIT PREPARED')
    if (control === 'prepareTransaction') return needsCommit('PREPARE TRANSACTION')
    if (several && CONTROLS.test(withoutLiterals(part.text))) return severalWithControl()
  }
  return undefined
}

function endsPrepared(text: string): boolean {
  return PREPARED.test(text) && PREPARED.test(withoutLiterals(text))
}
