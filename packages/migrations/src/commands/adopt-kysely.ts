import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Engine, UsageError } from '@aquifer/core'
import { MigrationError } from '../migration-error.ts'
import { pathOf } from '../revision/directory.ts'
import { formatFileName, slugOf } from '../revision/file-name.ts'
import { RevisionGraph } from '../revision/graph.ts'
import type { Revision } from '../revision/revision.ts'
import { headerText } from '../revision/template.ts'
import { type RunOptions, withRunner } from '../runner/runner.ts'
import { insertApplied } from '../runner/version-table.ts'
import type { CreatedRevision } from './revision.ts'

const CODE = /\.(ts|mts|js|mjs)$/
const BESIDE = /\.(test|spec)\.|\.d\.m?ts$/

/**
 * Writes, for each migration of Kysely's own Migrator, a revision with the same code and a header, each on top of the one before. The ids follow
 * from the names, so that they are the same on every machine. Files that were written before are left alone.
 *
 * @returns those that were written
 * @throws {UsageError} `KYSELY_FOLDER` if the folder cannot be read
 */
export async function convertKyselyMigrations(
  from: URL | string,
  directory: URL | string,
): Promise<CreatedRevision[]> {
  const folder = pathOf(from)
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new UsageError('KYSELY_FOLDER', `the migrations cannot be read: ${folder}`, { cause })
  })
  const target = pathOf(directory)
  await mkdir(target, { recursive: true })
  const before = new Set(await readdir(target))
  const created: CreatedRevision[] = []
  let parents: string[] = []
  let latest = 0
  // In the order in which Kysely runs them.
  for (const file of names.filter((name) => CODE.test(name) && !BESIDE.test(name)).sort()) {
    const old = file.replace(CODE, '')
    const id = kyselyRevisionId(old)
    const createdAt = writtenAt(old, latest)
    latest = createdAt.getTime()
    const name = formatFileName({
      createdAt,
      id,
      slug: slugOf(old.replace(/^[\d_.T-]+/, '')) || 'migration',
    })
    const path = join(target, `${name}.ts`)
    if (!before.has(basename(path))) {
      const code = await readFile(join(folder, file), 'utf8')
      const header = { id, parents, phase: 'expand', transaction: true } as const
      await writeFile(path, withHeader(code, headerText(header)), { flag: 'wx' })
      created.push({ id, name, parents, file: path })
    }
    parents = [id]
  }
  return created
}

/** Where the Migrator has kept its record. */
export interface AdoptKyselyOptions extends RunOptions {
  /** @default 'kysely_migration' */
  readonly table?: string
  /** @default 'public' */
  readonly schema?: string
}

/**
 * Takes over what Kysely's own Migrator has on record: its migrations count as applied, at the time when they were. Its table stays as it is.
 *
 * @returns the ids of those that were not on our record
 * @throws {UsageError} `KYSELY_TABLE` if there is no such table; {MigrationError} `REVISION_MISSING` if one of them has no file
 */
export async function adoptKysely<DB>(
  engine: Engine<DB>,
  revisions: readonly Revision[],
  options: AdoptKyselyOptions = {},
): Promise<string[]> {
  const { table = 'kysely_migration', schema = 'public' } = options
  const graph = new RevisionGraph(revisions)
  return withRunner(engine as unknown as Engine<unknown>, options, async (runner) => {
    const { applied } = await runner.look()
    const known = new Set(applied.map(({ id }) => id))
    return runner.transaction(async (connection) => {
      const { rows } = await connection.query<{ exists: boolean; name: string }>(
        `select format('%I.%I', $1::text, $2::text) as name, to_regclass(format('%I.%I', $1::text, $2::text)) is not null as exists`,
        [schema, table],
      )
      const [found] = rows
      if (found?.exists !== true) {
        throw new UsageError(
          'KYSELY_TABLE',
          `there is no table ${found?.name} in this database: name it with --table and --schema`,
        )
      }
      const migrations = await connection.query<{ name: string; timestamp: string }>(
        `select name, timestamp from ${found.name} order by timestamp, name`,
      )
      const added: string[] = []
      for (const { name, timestamp } of migrations.rows) {
        const revision = graph.get(kyselyRevisionId(name))
        if (revision === undefined) throw withoutFile(name)
        if (known.has(revision.id)) continue
        await insertApplied(connection, revision, 0, new Date(timestamp))
        added.push(revision.id)
      }
      return added
    })
  })
}

/** The id of the revision that a migration of Kysely's becomes. */
function kyselyRevisionId(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8)
}

/** What the digits in front of a name say, as far as they are a time, and never before the one in front of it. */
function writtenAt(name: string, latestMs: number): Date {
  const [digits = ''] = /^[\d_.T-]+/.exec(name) ?? []
  const text = digits.replaceAll(/\D/g, '').padEnd(14, '0').slice(0, 14)
  const [year, month, day, hour, minute, second] = [
    text.slice(0, 4),
    ...(text.slice(4).match(/../g) ?? []),
  ].map(Number)
  const stated = Date.UTC(year ?? 0, (month || 1) - 1, day || 1, hour, minute, second)
  const plausible = (year ?? 0) >= 1990 && (year ?? 0) < 2200 ? stated : 0
  return new Date(Math.max(plausible, latestMs + 1_000, Date.UTC(2000)))
}

const IMPORTS = /^import\b[^'"]*(?:from\s*)?['"][^'"]+['"];?[ \t]*$/gm
const DOWN = /export\s+(?:async\s+)?(?:function|const|let)\s+down\b|export\s*\{[^}]*\bdown\b/

function withHeader(code: string, header: string): string {
  const last = [...code.matchAll(IMPORTS)].at(-1)
  const at = last === undefined ? 0 : last.index + last[0].length
  const above = code.slice(0, at)
  const text = `${above}${above === '' ? '' : '\n\n'}${header}\n${code.slice(at).trimStart()}`
  if (DOWN.test(code)) return text
  return `${text.trimEnd()}\n\nexport async function down(): Promise<void> {\n  throw new Error('there is no way down from here')\n}\n`
}

function withoutFile(name: string): MigrationError {
  return new MigrationError(
    'REVISION_MISSING',
    `Kysely has applied ${name} to this database, and no revision was made of it: convert its folder first, with aquifer init --from-kysely <folder>`,
  )
}
