import type { LintFinding } from './lint.ts'
import type { LintSeverity } from './rule.ts'

/** How findings are written: for people, for programs, or as annotations of a GitHub workflow. */
export type LintFormat = 'text' | 'json' | 'github'

/** What is reported. */
export interface Reported {
  readonly findings: readonly LintFinding[]
  readonly ignored: readonly unknown[]
  /** How many statements were looked at. */
  readonly statements: number
  /** How many files they came from. */
  readonly files: number
}

/** The lines of a report. */
export function reportLines(result: Reported, format: LintFormat): string[] {
  switch (format) {
    case 'json':
      return [JSON.stringify(result)]
    case 'github':
      return [...result.findings.map(annotation), summary(result)]
    case 'text':
      return [...textOf(result.findings), summary(result)]
  }
}

const LONGEST_QUOTE = 100

function textOf(findings: readonly LintFinding[]): string[] {
  const explained = new Set<string>()
  return findings.flatMap((finding) => {
    const { file, line, column, severity, rule, message, statement, lock, why, rewrite } = finding
    const lines = [`${file}:${line}:${column}  ${severity}  ${rule}`, `  ${message}`]
    if (statement !== '') lines.push(`  > ${quote(statement)}`)
    if (lock !== undefined) lines.push(`  lock: ${lock}`)
    // Once is enough for whoever reads from the top.
    if (!explained.has(rule)) lines.push(`  why: ${why}`, `  instead: ${rewrite}`)
    explained.add(rule)
    return [...lines, '']
  })
}

function quote(statement: string): string {
  const line = statement.replaceAll(/\s+/g, ' ').trim()
  return line.length <= LONGEST_QUOTE ? line : `${line.slice(0, LONGEST_QUOTE - 3)}...`
}

function summary({ findings, ignored, statements, files }: Reported): string {
  const many = (severity: LintSeverity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [counted(count, severity)]
  }
  const found = [...many('error'), ...many('warning'), ...many('notice')]
  if (ignored.length > 0) found.push(`${ignored.length} ignored`)
  const where = `${counted(statements, 'statement')} of ${counted(files, 'file')}`
  return `${found.length === 0 ? 'nothing found' : found.join(', ')} in ${where}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function annotation({
  severity,
  file,
  line,
  column,
  rule,
  message,
  lock,
  rewrite,
}: LintFinding): string {
  const properties = `file=${property(file)},line=${line},col=${column},title=${property(rule)}`
  const text = [message, ...(lock === undefined ? [] : [`Lock: ${lock}`]), `Instead: ${rewrite}`]
  return `::${severity} ${properties}::${escaped(text.join('\n'))}`
}

/** As the workflow commands of GitHub want it. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
