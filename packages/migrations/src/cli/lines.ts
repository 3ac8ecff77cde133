import type { Branch } from '../commands/branches.ts'
import type { Current } from '../commands/current.ts'
import type { HistoryEntry } from '../commands/history.ts'
import type { PingResult } from '../commands/ping.ts'
import type { PreviewedRevision } from '../commands/preview.ts'
import type { HalfDone } from '../commands/repair.ts'
import type { ShownRevision } from '../commands/show.ts'
import type { StampResult } from '../commands/stamp.ts'
import { drawGraph } from '../revision/draw.ts'
import { parseFileName } from '../revision/file-name.ts'
import type { Revision } from '../revision/revision.ts'
import type { Direction } from '../runner/event.ts'
import type { RevisionStep } from '../runner/runner.ts'

/** What a person reads at the end of `upgrade` or `downgrade`. */
export function summaryLines(
  did: 'applied' | 'undone',
  steps: readonly RevisionStep[],
  heads: readonly string[],
): string[] {
  const place = heads.length === 0 ? 'at the base' : `at ${heads.join(', ')}`
  if (steps.length === 0) return [`nothing to do: the database is ${place}`]
  const totalMs = steps.reduce((sum, { durationMs }) => sum + durationMs, 0)
  return [`${counted(steps.length)} ${did} in ${duration(totalMs)}: the database is ${place}`]
}

/** What a person reads of `current`. */
export function currentLines({ heads }: Current, pending: readonly string[]): string[] {
  const open = pending.length === 0 ? 'up to date' : `${counted(pending.length)} pending`
  if (heads.length === 0) return [`nothing is applied, ${open}`]
  const rows = heads.map(({ id, name, appliedAt }) => [
    id,
    slug(name),
    `applied ${minute(appliedAt)}`,
  ])
  return [...table(rows), open]
}

/** What a person reads of `history`. */
export function historyLines(entries: readonly HistoryEntry[]): string[] {
  if (entries.length === 0) {
    return ['there are no revisions: write the first with aquifer revision "message" --empty']
  }
  const rows = entries.map((entry) => {
    const written = parseFileName(entry.name)?.createdAt
    return [entry.id, written ? minute(written) : '', slug(entry.name), state(entry)]
  })
  return table([['id', 'written (UTC)', 'revision', 'state'], ...rows])
}

/** What a person reads of `heads`. */
export function headLines(
  heads: readonly { readonly id: string; readonly name: string }[],
): string[] {
  if (heads.length === 0) return ['there are no revisions']
  return table(heads.map(({ id, name }) => [id, slug(name)]))
}

/** `41 ms`, `4.2 s`, `3 min 12 s` */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** What a person reads of `history --graph`. */
export function graphLines(entries: readonly HistoryEntry[]): string[] {
  return drawGraph(
    entries.map((entry) => ({
      id: entry.id,
      parents: entry.parents,
      text: [
        entry.id,
        slug(entry.name),
        ...(entry.label ? [`(${entry.label})`] : []),
        `- ${state(entry)}`,
      ].join(' '),
    })),
  )
}

/** What a person reads of `pending`. */
export function pendingLines(
  pending: readonly Pick<Revision, 'id' | 'name' | 'phase' | 'transaction'>[],
): string[] {
  if (pending.length === 0) return ['nothing is pending']
  return table(
    pending.map(({ id, name, phase, transaction }) => [
      id,
      slug(name),
      transaction ? phase : `${phase}, outside a transaction`,
    ]),
  )
}

/** What a person reads of `branches`. */
export function branchLines(branches: readonly Branch[]): string[] {
  if (branches.length === 0) return ['there are no branches']
  return branches.flatMap(({ id, name, label, children }) => [
    `${id}  ${slug(name)}${label ? `  (${label})` : ''}`,
    ...children.map((child) => `  -> ${child.id}  ${slug(child.name)}`),
  ])
}

/** What a person reads of `show`. */
export function showLines(revision: ShownRevision): string[] {
  const { id, name, file, parents, children, phase, transaction, label, replaces, checksum } =
    revision
  const rows = [
    ['revision', id],
    ['name', name],
    ['file', file],
    ['parents', parents.join(', ') || 'none'],
    ['children', children.join(', ') || 'none'],
    ['phase', phase],
    ['transaction', transaction ? 'one for all' : 'none around it'],
    ...(label ? [['label', label]] : []),
    ...(replaces ? [['replaces', replaces.join(', ')]] : []),
    ['checksum', checksum],
  ]
  return table(rows)
}

/** What a person reads of `stamp`. */
export function stampLines({ added, removed, heads }: StampResult): string[] {
  const place = heads.length === 0 ? 'at the base' : `at ${heads.join(', ')}`
  if (added.length + removed.length === 0) return [`nothing to do: the database is ${place}`]
  return [`${added.length} added, ${removed.length} removed: the database is ${place}`]
}

/** What a person reads of a dry run. */
export function previewLines(
  direction: Direction,
  revisions: readonly PreviewedRevision[],
): string[] {
  if (revisions.length === 0) return ['nothing to do']
  return revisions.flatMap(({ name, phase, transaction, statements }) => [
    `-- ${name}: ${direction}, ${phase}${transaction ? '' : ', outside a transaction'}`,
    ...statements.map((statement) => `${statement};`),
  ])
}

/** What a person reads of `repair` without an id. */
export function halfDoneLines(found: readonly HalfDone[]): string[] {
  if (found.length === 0) return ['nothing is half done']
  return found.flatMap(({ name, direction, startedAt, startedBy, edited, statements }) => [
    `${name}: ${direction}, started ${minute(startedAt)} by ${startedBy}${edited ? ', file edited since' : ''}`,
    ...statements.map(
      ({ position, statement, finished }) =>
        `  ${finished ? 'done    ' : 'started '} ${position}  ${statement.replaceAll(/\s+/g, ' ')}`,
    ),
  ])
}

/** What a person reads of `ping`. */
export function pingLines(found: PingResult): string[] {
  const { latencyMs, role, tls, budget } = found
  const { min, median, max } = latencyMs
  const may = role.mayCreateSchema ? 'may create schemas' : 'may not create schemas'
  return table([
    [
      'server',
      `PostgreSQL ${found.serverVersion}${found.standby ? ', a standby: it refuses every change' : ''}`,
    ],
    ['address', found.address],
    ['latency', `${median} ms (${min} to ${max}), connected in ${found.connectMs} ms`],
    ['TLS', tls === null ? 'off' : `${tls.version}, ${tls.cipher}`],
    [
      'role',
      `${role.login}${role.acts === role.login ? '' : ` as ${role.acts}`}${role.superuser ? ', superuser' : ''}, ${may}`,
    ],
    ['known as', found.applicationName],
    [
      'pooler',
      found.pooler ? 'in between: migrations need the address of the server itself' : 'none',
    ],
    ['budget', budget.message],
    ['Node', found.nodeVersion],
  ])
}

const DISAGREEMENTS = {
  missing: 'no file here',
  edited: 'file edited afterwards',
  late: 'late: what builds on it is applied',
}

function state({ applied, head, parents, phase, disagreement }: HistoryEntry): string {
  const parts = [
    applied ? `applied ${minute(applied.appliedAt)}, ${duration(applied.durationMs)}` : 'pending',
  ]
  if (head) parts.push('head')
  if (phase === 'contract') parts.push('contract')
  if (parents.length > 1) parts.push(`merge of ${parents.join(' and ')}`)
  if (disagreement !== undefined) parts.push(DISAGREEMENTS[disagreement])
  return parts.join(', ')
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function counted(revisions: number): string {
  return revisions === 1 ? '1 revision' : `${revisions} revisions`
}

function slug(name: string): string {
  return parseFileName(name)?.slug ?? name
}

function minute(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ')
}
