import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { API } from 'typescript/unstable/sync'
import { expect, test } from 'vitest'
import { openRepository } from '../checks/repository.ts'
import { linkPackages, openWorkshop } from '../checks/snippets/workshop.ts'
import { generatedSchema } from './generated-schema.ts'

const repository = openRepository(fileURLToPath(new URL('../../', import.meta.url)))

/** What an editor shows of the constants of a program over a generated schema. */
function hovers(program: string): Record<string, string> {
  using workshop = openWorkshop()
  linkPackages(workshop.folder, repository)
  const files = new Map(generatedSchema({ tables: 2, by: 'models', queries: false }))
  for (const [name, content] of files.set('program.ts', program)) workshop.write(name, content)
  const api = new API({ cwd: workshop.folder })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [join(workshop.folder, 'tsconfig.json')] })
    const [project] = snapshot.getProjects()
    if (project === undefined) throw new Error('the compiler found no project')
    expect(project.program.getSemanticDiagnostics().map(({ text }) => text)).toEqual([])
    const shown = [...program.matchAll(/const (\w+)/g)].map(({ index, 1: name = '' }) => {
      const at = index + 'const '.length
      const type = project.checker.getTypeAtPosition(join(workshop.folder, 'program.ts'), at)
      return [name, type === undefined ? '' : project.checker.typeToString(type)] as const
    })
    return Object.fromEntries(shown)
  } finally {
    api.close()
  }
}

test('a row, an input and the database are shown by the names that they were given', () => {
  const shown = hovers(`
import type { Kysely } from 'kysely'
import type { Database } from './database.ts'
import type { NewTable0, Table0Row } from './table-0.ts'
declare const db: Kysely<Database>
declare const row: Table0Row
declare const rows: Table0Row[]
declare const input: NewTable0
const query = db.selectFrom('table0').select(['id', 'title0'])
const found = await query.executeTakeFirstOrThrow()
export { db, found, input, query, row, rows }
`)

  expect(shown).toEqual({
    db: 'Kysely<Database>',
    row: 'Table0Row',
    rows: 'Table0Row[]',
    input: 'NewTable0',
    query: `SelectQueryBuilder<Database, "table0", { id: string; title0: string; }>`,
    found: `{ id: string; title0: string; }`,
  })
})

test('types without a name are shown by their properties', () => {
  const shown = hovers(`
import type { InputOf, PublicRowOf, RowOf } from '@aquifer/core/models'
import * as c from '@aquifer/core/columns'
import { defineModel } from '@aquifer/core/models'
const users = defineModel('users', { id: c.uuid().primaryKey(), secret: c.text().hidden().guarded() })
declare const row: RowOf<typeof users>
declare const seen: PublicRowOf<typeof users>
declare const input: InputOf<typeof users>
export { input, row, seen }
`)

  expect(shown).toMatchObject({
    row: '{ id: string; secret: string; }',
    seen: '{ id: string; }',
    input: '{ id: string; }',
  })
})
