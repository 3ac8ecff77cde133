import type { AnyNode } from '../parse-node.ts'
import type { Rule } from '../rule.ts'
import type { Statement } from '../statement.ts'
import { quoted, tableOf, tableOfList } from '../table-name.ts'

/** Finds what fails when a half-done file is run again. */
export const notRerunnable: Rule = {
  id: 'not-rerunnable',
  severity: 'warning',
  why: 'Outside a transaction what was done before a failure stays done. Run again, it fails at the first thing that is there already.',
  lock: null,
  rewrite:
    'IF NOT EXISTS, IF EXISTS or OR REPLACE; for an index that is built concurrently, DROP INDEX CONCURRENTLY IF EXISTS before it, as a failed build leaves an invalid one; for a constraint, DROP CONSTRAINT IF EXISTS before it',
  *check(statement, { change, position }) {
    if (statement.transaction !== undefined || statement.inBlock) return
    // Alone it is done as a whole or not at all, unless it works in several transactions.
    const concurrent = statement.node.IndexStmt?.concurrent === true
    if (!concurrent && !change.statements.some((each) => each !== statement && isOutside(each)))
      return
    const earlier = change.statements.slice(0, position)
    const what = once(statement.node) ?? onceInAlter(statement, earlier)
    if (what === undefined || isCleared(statement.node, earlier)) return
    yield {
      message: `${what} fails when it is run again`,
      // The journal of the runner knows what has been done.
      ...(change.byRunner && { severity: 'notice' as const }),
    }
  },
}

function isOutside({ node, transaction, inBlock }: Statement): boolean {
  if (transaction !== undefined || inBlock) return false
  return node.VariableSetStmt === undefined && node.TransactionStmt === undefined
}

function once(node: AnyNode): string | undefined {
  const unless = (safe: boolean | undefined, what: string) => (safe === true ? undefined : what)
  if (node.CreateStmt) return unless(node.CreateStmt.if_not_exists, 'CREATE TABLE')
  if (node.CreateTableAsStmt) return unless(node.CreateTableAsStmt.if_not_exists, 'CREATE TABLE AS')
  if (node.IndexStmt) return unless(node.IndexStmt.if_not_exists, 'CREATE INDEX')
  if (node.CreateSchemaStmt) return unless(node.CreateSchemaStmt.if_not_exists, 'CREATE SCHEMA')
  if (node.CreateSeqStmt) return unless(node.CreateSeqStmt.if_not_exists, 'CREATE SEQUENCE')
  if (node.CreateExtensionStmt) {
    return unless(node.CreateExtensionStmt.if_not_exists, 'CREATE EXTENSION')
  }
  if (node.ViewStmt) return unless(node.ViewStmt.replace, 'CREATE VIEW')
  if (node.CreateFunctionStmt) return unless(node.CreateFunctionStmt.replace, 'CREATE FUNCTION')
  if (node.CreateTrigStmt) return unless(node.CreateTrigStmt.replace, 'CREATE TRIGGER')
  if (node.DropStmt) return unless(node.DropStmt.missing_ok, 'DROP')
  if (node.AlterEnumStmt?.newVal !== undefined && node.AlterEnumStmt.oldVal === undefined) {
    return unless(node.AlterEnumStmt.skipIfNewValExists, 'ADD VALUE')
  }
  if (node.CreateEnumStmt ?? node.CompositeTypeStmt) return 'CREATE TYPE'
  if (node.CreateDomainStmt) return 'CREATE DOMAIN'
  if (node.CreatePolicyStmt) return 'CREATE POLICY'
  return node.RenameStmt || node.AlterEnumStmt ? 'RENAME' : undefined
}

function onceInAlter(statement: Statement, earlier: readonly Statement[]): string | undefined {
  const own = statement.alterations
  for (const { kind, command, constraint, table } of own) {
    if (kind === 'AT_AddColumn' && command.missing_ok !== true) return 'ADD COLUMN'
    if (kind === 'AT_DropColumn' && command.missing_ok !== true) return 'DROP COLUMN'
    if (kind === 'AT_DropConstraint' && command.missing_ok !== true) return 'DROP CONSTRAINT'
    if (kind !== 'AT_AddConstraint') continue
    const dropped = [...earlier.flatMap(({ alterations }) => alterations), ...own].some(
      (other) =>
        other.kind === 'AT_DropConstraint' &&
        other.command.missing_ok === true &&
        other.table.name === table.name &&
        other.target === constraint?.conname,
    )
    if (!dropped) return `ADD CONSTRAINT ${quoted(constraint?.conname ?? '')}`.trimEnd()
  }
  return undefined
}

/** Whether an earlier statement has taken away what this one makes. */
function isCleared({ IndexStmt, CreateStmt }: AnyNode, earlier: readonly Statement[]): boolean {
  const name = IndexStmt?.idxname ?? tableOf(CreateStmt?.relation)?.name
  if (name === undefined) return false
  return earlier.some(({ node }) => {
    const { missing_ok: tolerant, objects = [] } = node.DropStmt ?? {}
    return tolerant === true && objects.some((object) => tableOfList(object)?.name === name)
  })
}
