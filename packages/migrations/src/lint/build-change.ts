import { alterationsIn, declarationsIn } from './alteration.ts'
import { embeddedIn } from './embedded.ts'
import { type Ignore, parseIgnore } from './ignore.ts'
import { type AnyNode, asAny, nodesIn } from './parse-node.ts'
import type { Parser } from './parser.ts'
import { type ReadStatement, readSql } from './read-sql.ts'
import type { Change, Statement, Transaction, Trouble } from './statement.ts'
import type { Position } from './text-map.ts'

/** A text of SQL that a change sends to the server. */
export interface Step {
  readonly sql: string
  /**
   * `transaction`: together with the steps beside it that are so too. `call`: as one message, whose statements share a
   * transaction if there are several. `script`: statement by statement.
   */
  readonly unit: 'transaction' | 'call' | 'script'
  /** The place in the file of an index of the text. */
  readonly locate: (index: number) => Position
  /** From comments around the text. */
  readonly ignores: readonly Ignore[]
}

/** A change before its SQL is read. */
export interface Source extends Omit<Change, 'statements' | 'troubles'> {
  readonly steps: readonly Step[]
  readonly troubles: readonly Trouble[]
}

/** Reads the SQL of a change and finds out which statements share a transaction. */
export function buildChange(parser: Parser, { steps, troubles, ...about }: Source): Change {
  const statements: Statement[] = []
  const found: Trouble[] = [...troubles]
  let shared: Transaction | undefined
  let open: Transaction | undefined

  for (const step of steps) {
    const { statements: read, troubles: unread } = readSql(parser, step.sql)
    for (const { index, ...trouble } of unread) {
      found.push({ ...trouble, position: step.locate(index), ignores: step.ignores })
    }
    if (step.unit === 'transaction') shared ??= { explicit: false }
    else shared = undefined
    const several = step.unit === 'call' && read.length > 1
    const around = several ? { explicit: false } : shared
    for (const each of read) {
      const node = asAny(each.parsed.node)
      const transaction: Transaction | undefined = open ?? around
      const own = ownStatements(parser, step, each, transaction)
      statements.push(...own.statements)
      found.push(...own.troubles)
      open = afterwards(node, open, transaction)
    }
  }
  return { ...about, statements, troubles: found }
}

/** The transaction that is open after a statement because the text began it. */
function afterwards(
  { TransactionStmt: statement }: AnyNode,
  open: Transaction | undefined,
  current: Transaction | undefined,
): Transaction | undefined {
  switch (statement?.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return current === undefined ? { explicit: true } : open
    case 'TRANS_STMT_COMMIT':
    case 'TRANS_STMT_ROLLBACK':
      return statement.chain === true && open !== undefined ? { explicit: true } : undefined
    case 'TRANS_STMT_PREPARE':
      return undefined
    default:
      return open
  }
}

/** A statement and those within it. */
function ownStatements(
  parser: Parser,
  step: Step,
  { parsed, start, end, indexOf, ignores }: ReadStatement,
  transaction: Transaction | undefined,
): { statements: Statement[]; troubles: Trouble[] } {
  const text = step.sql.slice(start, end).trim()
  const node = asAny(parsed.node)
  const around = [...step.ignores, ...ignores]
  const base = { inBlock: false, ignores: around, ...(transaction && { transaction }) }
  const locate = (byte?: number) =>
    step.locate(byte === undefined || byte < 0 ? start : indexOf(byte))
  const statements: Statement[] = [{ ...base, ...treeOf(node), text, locate }]

  for (const inner of schemaElements(node))
    statements.push({ ...base, ...treeOf(inner), text, locate })

  const embedded = embeddedIn(parser, node, text)
  const within = { explicit: false }
  let after = 0
  for (const { node: inner, text: sql, index, indexOf: placeOf } of embedded.statements) {
    statements.push({
      ...treeOf(inner),
      text: sql,
      transaction: transaction ?? within,
      inBlock: true,
      ignores: [...around, ...ignoresBetween(text, after, index, (at) => step.locate(start + at))],
      locate: (byte) =>
        step.locate(start + (byte === undefined || byte < 0 ? index : placeOf(byte))),
    })
    after = index
  }
  const troubles = embedded.troubles.map(({ index, ...trouble }) => ({
    ...trouble,
    text,
    position: step.locate(start + index),
    ignores: [
      ...around,
      ...ignoresBetween(text, 0, index, (at) => step.locate(start + at)).slice(-1),
    ],
  }))
  return { statements, troubles }
}

/** A tree and what most rules ask of it. */
function treeOf(node: AnyNode): Pick<Statement, 'node' | 'alterations' | 'declarations'> {
  const alterations = alterationsIn(node)
  return { node, alterations, declarations: declarationsIn(node, alterations) }
}

/** What CREATE SCHEMA makes along the way, in that schema. */
function schemaElements({ CreateSchemaStmt: schema }: AnyNode): AnyNode[] {
  return (schema?.schemaElts ?? []).map((element) => {
    const inner = structuredClone(asAny(element))
    for (const node of nodesIn(inner)) {
      const range = (node.RangeVar ?? (node as { relation?: { relname?: string } }).relation) as
        | { relname?: string; schemaname?: string }
        | undefined
      if (range?.relname !== undefined && schema?.schemaname !== undefined) {
        range.schemaname ??= schema.schemaname
      }
    }
    return inner
  })
}

/** Comments of a block that ask for silence about the statement behind them. */
function ignoresBetween(
  text: string,
  from: number,
  to: number,
  locate: (index: number) => Position,
): Ignore[] {
  if (!text.includes('aquifer-lint-ignore')) return []
  return [...text.slice(from, to).matchAll(/--[^\n]*aquifer-lint-ignore[^\n]*/g)].flatMap(
    ({ 0: comment, index }) => parseIgnore(comment, locate(from + index)) ?? [],
  )
}
