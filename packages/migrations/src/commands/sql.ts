import { RevisionGraph } from '../revision/graph.ts'
import { between } from '../revision/range.ts'
import type { Revision } from '../revision/revision.ts'
import type { Direction } from '../runner/event.ts'
import { literalOf } from '../runner/statements/literal.ts'
import { recordStatements } from '../runner/statements/recorded.ts'
import { tableStatements } from '../runner/version-table.ts'

/** What a script is to do. */
export interface SqlOptions {
  /** `a:b`: from `a` (left out: the base) to `b` (left out: all heads). @default everything */
  readonly range?: string
  /** `down` goes back from `b` to `a`. @default 'up' */
  readonly direction?: Direction
}

/**
 * A script for psql that does what `upgrade` or `downgrade` would, the record of it included, on a database that stands at the start of the range.
 * It takes no lock and checks nothing: run it where nothing else migrates.
 *
 * @throws {MigrationError} `REVISION_OFFLINE`, and as a reference does; {UsageError} `RANGE_INVALID`
 */
export async function sql(
  revisions: readonly Revision[],
  { range = '', direction = 'up' }: SqlOptions = {},
): Promise<string> {
  const graph = new RevisionGraph(revisions)
  const chosen = between(graph, range)
  const parts: string[] = [
    'set lock_timeout = 2000;',
    `set client_min_messages = warning;`,
    ...tableStatements.map((statement) => `${statement};`),
  ]
  for (const revision of direction === 'up' ? chosen : chosen.toReversed()) {
    const statements = [
      ...(await recordStatements(revision, direction)),
      recordOf(revision, direction),
    ]
    const body = statements.map((statement) => `${statement};`)
    parts.push(`-- ${revision.name}: ${direction}`)
    parts.push(...(revision.transaction ? ['begin;', ...body, 'commit;'] : body))
  }
  return `\\set ON_ERROR_STOP on\n${parts.join('\n')}\n`
}

function recordOf({ id, name, parents, checksum }: Revision, direction: Direction): string {
  if (direction === 'down') return `delete from aquifer.revision where id = ${literalOf(id)}`
  const values = [id, name, parents, checksum].map(literalOf)
  return `insert into aquifer.revision (id, name, parents, checksum, duration_ms) values (${values.join(', ')}, 0)`
}
