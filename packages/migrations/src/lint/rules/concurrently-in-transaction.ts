import { hasOption } from '../lock.ts'
import type { AnyNode } from '../parse-node.ts'
import { asAny } from '../parse-node.ts'
import type { Rule } from '../rule.ts'
import type { Statement } from '../statement.ts'

/** Finds what PostgreSQL refuses inside a transaction. */
export const concurrentlyInTransaction: Rule = {
  id: 'concurrently-in-transaction',
  severity: 'error',
  why: 'PostgreSQL refuses it: what runs concurrently needs transactions of its own.',
  lock: null,
  rewrite:
    'Put it in a revision of its own with `transaction: false`, one statement to a call; in a file of SQL, take BEGIN and COMMIT away',
  *check(statement) {
    if (statement.transaction === undefined) return
    const what = outsideOnly(statement.node) ?? detach(statement)
    if (what !== undefined) yield { message: `${what} cannot run inside a transaction` }
  },
}

function outsideOnly({
  IndexStmt,
  DropStmt,
  ReindexStmt,
  VacuumStmt,
  ...others
}: AnyNode): string | undefined {
  if (IndexStmt?.concurrent === true) return 'CREATE INDEX CONCURRENTLY'
  if (DropStmt?.concurrent === true) return 'DROP INDEX CONCURRENTLY'
  if (hasOption(ReindexStmt?.params, 'concurrently')) return 'REINDEX CONCURRENTLY'
  if (ReindexStmt?.kind === 'REINDEX_OBJECT_SCHEMA') return 'REINDEX SCHEMA'
  if (ReindexStmt?.kind === 'REINDEX_OBJECT_DATABASE') return 'REINDEX DATABASE'
  if (ReindexStmt?.kind === 'REINDEX_OBJECT_SYSTEM') return 'REINDEX SYSTEM'
  if (VacuumStmt?.is_vacuumcmd === true) return 'VACUUM'
  if (others.CreatedbStmt !== undefined) return 'CREATE DATABASE'
  if (others.DropdbStmt !== undefined) return 'DROP DATABASE'
  if (others.AlterSystemStmt !== undefined) return 'ALTER SYSTEM'
  return undefined
}

function detach(statement: Statement): string | undefined {
  const found = statement.alterations.some(
    ({ command }) => asAny(command.def).PartitionCmd?.concurrent === true,
  )
  return found ? 'DETACH PARTITION CONCURRENTLY' : undefined
}
