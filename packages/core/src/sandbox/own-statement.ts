import type { Statement } from '../pool/statement.ts'

/** A statement of the sandbox's own, known to leave nothing behind but what it is sent for. */
export function ownStatement(text: string, values?: readonly unknown[]): Statement {
  const facts = {
    text,
    leavesState: false,
    several: false,
    control: undefined,
    planned: false,
    listens: false,
    mayWrite: false,
    endsInside: false,
    notifies: false,
    uses: 0,
  }
  return { text, values, facts }
}

/** Opens a part that can be undone alone. */
export const savepoint = (name: string): Statement => ({ text: `savepoint ${name}` })

/** Keeps what was done since. */
export const release = (name: string): Statement => ({ text: `release savepoint ${name}` })

/** Undoes what was done since; the savepoint itself stays. */
export const rollbackTo = (name: string): Statement => ({ text: `rollback to savepoint ${name}` })
