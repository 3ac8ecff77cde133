import type { RevisionHeader } from './revision.ts'

/** The text of an empty revision, as our formatter would write it. */
export function emptyRevision(header: RevisionHeader, message: string): string {
  const parents = header.parents.map((parent) => `'${parent}'`).join(', ')
  return `import type { Kysely } from 'kysely'

export const revision = {
  id: '${header.id}',
  parents: [${parents}],
  phase: '${header.phase}',
  transaction: ${header.transaction},
} as const

/** ${sentence(message)} */
export async function up(_db: Kysely<unknown>): Promise<void> {}

export async function down(_db: Kysely<unknown>): Promise<void> {}
`
}

function sentence(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim()
  return /[.!?]$/.test(line) ? line : `${line}.`
}
