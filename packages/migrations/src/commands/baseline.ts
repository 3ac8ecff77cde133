import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@aquifer/core'
import { loadRevisions, pathOf } from '../revision/directory.ts'
import { formatFileName, slugOf } from '../revision/file-name.ts'
import { freshId } from '../revision/fresh-id.ts'
import { RevisionGraph } from '../revision/graph.ts'
import { statementsRevision } from '../revision/template.ts'
import { splitStatements, wordsOf } from '../runner/statements/split.ts'
import type { CreatedRevision } from './revision.ts'

/** What the first revision of a database that is older than its revisions holds. */
export interface BaselineOptions {
  /** @default 'baseline' */
  readonly message?: string
  /** A file of SQL, as `pg_dump --schema-only --no-owner` writes it, that makes what the database holds. @default nothing */
  readonly sqlFile?: string
}

/**
 * Writes the first revision, for a database that was not made by revisions. Say with `stamp` of each database that has it that it is applied.
 *
 * @throws {UsageError} `BASELINE_LATE` if there are revisions, `SQL_FILE` if the file cannot be read
 */
export async function baseline(
  directory: URL | string,
  { message = 'baseline', sqlFile }: BaselineOptions = {},
): Promise<CreatedRevision> {
  const folder = pathOf(directory)
  await mkdir(folder, { recursive: true })
  const graph = new RevisionGraph(await loadRevisions(folder))
  if (graph.order.length > 0) {
    throw new UsageError(
      'BASELINE_LATE',
      `a baseline comes before everything, and there are ${graph.order.length} revisions: squash them, or stamp the database`,
    )
  }
  const up = sqlFile === undefined ? [] : await statementsOf(sqlFile)
  const id = freshId(graph)
  const name = formatFileName({ createdAt: new Date(), id, slug: slugOf(message) || 'baseline' })
  const file = join(folder, `${name}.ts`)
  const header = { id, parents: [], phase: 'expand', transaction: true } as const
  await writeFile(file, statementsRevision(header, message, { up }), { flag: 'wx' })
  return { id, name, parents: [], file }
}

async function statementsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError('SQL_FILE', `${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  })
  // Lines that begin so are for psql, not for the server; pg_dump also makes settings for the session that reads it.
  const forServer = text.replaceAll(/^\\.*$/gm, '')
  return splitStatements(forServer)
    .map((statement) => statement.replaceAll(/^--.*\n?/gm, '').trim())
    .filter((statement) => {
      const words = wordsOf(statement)
      return words[0] !== 'set' && !(words[0] === 'select' && words.includes('set_config'))
    })
}
