import type { Current } from '../commands/current.ts'
import type { HistoryEntry } from '../commands/history.ts'
import { parseFileName } from '../revision/file-name.ts'
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

const DISAGREEMENTS = {
  missing: 'no file here',
  edited: 'file edited afterwards',
  late: 'late: what builds on it is applied',
}

function state({ applied, head, parents, disagreement }: HistoryEntry): string {
  const parts = [
    applied ? `applied ${minute(applied.appliedAt)}, ${duration(applied.durationMs)}` : 'pending',
  ]
  if (head) parts.push('head')
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
