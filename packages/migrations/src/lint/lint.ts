import { allRules } from './all-rules.ts'
import type { Ignore } from './ignore.ts'
import { Known } from './known.ts'
import { Limits } from './limits.ts'
import { blockedBy, locksOf, type TableLock } from './lock.ts'
import type { Context, LintSeverity, Problem, Rule } from './rule.ts'
import type { Change, Statement, Transaction } from './statement.ts'
import { shown, type TableName } from './table-name.ts'
import type { Position } from './text-map.ts'

/** Something that should be written otherwise, and where. */
export interface LintFinding {
  /** The rule's id, as `set-not-null`. */
  readonly rule: string
  readonly severity: LintSeverity
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** Of a revision: whether going up or going down runs it. */
  readonly direction: 'up' | 'down'
  /** As it is written, or as it was recorded. */
  readonly statement: string
  readonly message: string
  readonly why: string
  /** The lock, and who waits for it; absent if none does harm. */
  readonly lock?: string
  /** What to write instead. */
  readonly rewrite: string
}

/** A finding that a comment has silenced. */
export interface IgnoredFinding extends LintFinding {
  readonly reason: string
}

/** What is known of the database that the changes are for. */
export interface LintFacts {
  /** Rows by table: `orders`, or `sales.orders` outside schema public. */
  readonly rowCounts?: ReadonlyMap<string, number>
  /** Types by column, as `format_type` spells them: `orders.note` to `character varying(30)`. */
  readonly columnTypes?: ReadonlyMap<string, string>
}

/** How to judge. */
export interface JudgeOptions extends LintFacts {
  readonly serverVersion: number
  readonly smallTableRows: number
  readonly exclude: ReadonlySet<string>
}

/** What came of it; findings in the order of the files and their lines. */
export interface Judgement {
  readonly findings: LintFinding[]
  readonly ignored: IgnoredFinding[]
}

/** Judges changes, in the order in which they would run: what an earlier one does is known to the later ones. */
export function judge(changes: readonly Change[], options: JudgeOptions): Judgement {
  const result: Judgement = { findings: [], ignored: [] }
  const statementsOn = byTable(changes)
  let forth = new Known()
  // A way down begins where its way up has ended, and the next way up too.
  for (const change of changes) {
    const known = change.direction === 'up' ? forth : forth.copy()
    known.beginChange()
    judgeChange(change, known, { statementsOn, options, result })
    if (change.direction === 'up') forth = known
  }
  return result
}

const byId = new Map(allRules.map((rule) => [rule.id, rule]))

interface Run {
  readonly statementsOn: Context['statementsOn']
  readonly options: JudgeOptions
  readonly result: Judgement
}

function judgeChange(change: Change, known: Known, { statementsOn, options, result }: Run): void {
  const rules = allRules.filter(
    ({ id, upOnly }) =>
      !options.exclude.has(id) && !(upOnly === true && change.direction === 'down'),
  )
  const met = new Set<string>()
  const used = new Set<Ignore>()
  const held = new Map<Transaction, TableLock[]>()
  const limits = new Limits(change.byRunner)
  const findings: LintFinding[] = []
  const report = (finding: LintFinding, ignores: readonly Ignore[]) => {
    const ignore = ignores.find(
      ({ rules: ids, reason }) => ids.includes(finding.rule) && reason !== '',
    )
    if (ignore === undefined) findings.push(finding)
    else {
      used.add(ignore)
      result.ignored.push({ ...finding, reason: ignore.reason })
    }
  }

  for (const { rule, message, position, text, ignores } of change.troubles) {
    const judged = byId.get(rule)
    if (judged !== undefined && !options.exclude.has(rule)) {
      report(findingOf(judged, { message }, { change, position, text }, undefined), ignores)
    }
  }

  for (const [position, statement] of change.statements.entries()) {
    const { transaction } = statement
    const before = (transaction && held.get(transaction)) ?? []
    const context: Context = {
      change,
      position,
      known,
      statementsOn,
      limits,
      held: before,
      serverVersion: options.serverVersion,
      first: (thing) => !met.has(thing) && met.add(thing) !== undefined,
      columnType: (table, column) =>
        lookUp(options.columnTypes, (name) => `${name}.${column}`, known, table),
    }
    const locks = locksOf(statement.node, known)
    for (const rule of rules) {
      for (const problem of rule.check(statement, context)) {
        const small = rule.growsWithRows === true && isSmall(problem.table, known, options)
        const severity = small ? 'notice' : (problem.severity ?? rule.severity)
        const place = { change, position: statement.locate(problem.at), text: statement.text }
        const finding = findingOf(rule, { ...problem, severity }, place, lockOf(locks, problem))
        report(finding, statement.ignores)
      }
    }
    known.apply(statement)
    limits.apply(statement)
    before.push(...locks)
    if (transaction !== undefined) held.set(transaction, before)
  }

  if (!options.exclude.has('ignore-invalid')) {
    findings.push(...invalidIgnores(change, used, options.exclude))
  }
  findings.sort((a, b) => a.line - b.line || a.column - b.column)
  // A loop runs one line many times; it is told once.
  const told = new Map(
    findings.map((each) => [`${each.line}:${each.column} ${each.rule} ${each.message}`, each]),
  )
  result.findings.push(...told.values())
}

/** Which statements are about a table, by its name without the schema. */
function byTable(changes: readonly Change[]): Context['statementsOn'] {
  const found = new Map<string, Statement[]>()
  for (const statement of changes.flatMap(({ statements }) => statements)) {
    const { CreateStmt, AlterTableStmt, IndexStmt } = statement.node
    const name = (CreateStmt ?? AlterTableStmt ?? IndexStmt)?.relation?.relname
    if (name === undefined) continue
    const list = found.get(name)
    if (list === undefined) found.set(name, [statement])
    else list.push(statement)
  }
  return (name) => found.get(name) ?? []
}

interface Place {
  readonly change: Change
  readonly position: Position
  readonly text: string
}

function findingOf(
  rule: Rule,
  problem: Problem,
  { change, position, text }: Place,
  lock: string | undefined,
): LintFinding {
  const told = lock ?? rule.lock
  return {
    rule: rule.id,
    severity: problem.severity ?? rule.severity,
    file: change.file,
    line: position.line,
    column: position.column,
    direction: change.direction,
    statement: text,
    message: problem.message,
    why: rule.why,
    ...(told !== null && { lock: told }),
    rewrite: problem.rewrite ?? rule.rewrite,
  }
}

/** The lock on the very table, if the rule is about one. */
function lockOf(locks: readonly TableLock[], { table }: Problem): string | undefined {
  const lock = table && locks.find((each) => each.table.name === table.name)
  return lock && `${lock.mode} on ${shown(lock.table)}: ${blockedBy(lock.mode)}`
}

function isSmall(table: TableName | undefined, known: Known, options: JudgeOptions): boolean {
  const rows = table && lookUp(options.rowCounts, (name) => name, known, table)
  return rows !== undefined && rows <= options.smallTableRows
}

function lookUp<Value>(
  map: ReadonlyMap<string, Value> | undefined,
  keyOf: (name: string) => string,
  known: Known,
  table: TableName,
): Value | undefined {
  const full = known.key(table)
  const plain = full.startsWith('public.') ? map?.get(keyOf(table.name)) : undefined
  return map?.get(keyOf(full)) ?? plain
}

/** Comments that silence nothing, or say nothing. */
function invalidIgnores(
  change: Change,
  used: ReadonlySet<Ignore>,
  exclude: ReadonlySet<string>,
): LintFinding[] {
  const rule = byId.get('ignore-invalid')
  const seen = new Map<Ignore, string>()
  for (const { ignores, text } of [
    ...change.statements,
    ...change.troubles,
  ] as readonly Statement[]) {
    for (const ignore of ignores) if (!seen.has(ignore)) seen.set(ignore, text)
  }
  return [...seen].flatMap(([ignore, text]) => {
    const found = faultOf(ignore, used, exclude)
    if (rule === undefined || found === undefined) return []
    return [findingOf(rule, found, { change, position: ignore.position, text }, undefined)]
  })
}

function faultOf(
  ignore: Ignore,
  used: ReadonlySet<Ignore>,
  exclude: ReadonlySet<string>,
): Problem | undefined {
  const unknown = ignore.rules.find((id) => !byId.has(id))
  if (ignore.rules.length === 0) return { message: 'it names no rule' }
  if (unknown !== undefined) return { message: `there is no rule "${unknown}"` }
  if (ignore.reason === '')
    return { message: 'it gives no reason, so it is void: write it behind a colon' }
  if (used.has(ignore) || ignore.rules.some((id) => exclude.has(id))) return undefined
  return {
    message: `it ignores nothing: ${ignore.rules.join(', ')} found nothing here`,
    severity: 'notice',
  }
}
