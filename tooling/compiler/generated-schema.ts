/** What a generated project holds. */
export interface SchemaPlan {
  /** How many tables it has. */
  readonly tables: number
  /** How they are declared: as models, or as the interfaces that Kysely's users write by hand. */
  readonly by: 'models' | 'interfaces'
  /** Whether four queries are made over every tenth of them. */
  readonly queries: boolean
}

/** Names of files and what they hold: a TypeScript project with a schema. */
export function generatedSchema({ tables, by, queries }: SchemaPlan): ReadonlyMap<string, string> {
  const numbers = Array.from({ length: tables }, (_, at) => at)
  const tableFile = by === 'models' ? modelFile : interfaceFile
  const database = by === 'models' ? databaseOfModels(numbers) : databaseOfInterfaces(numbers)
  return new Map([
    ['tsconfig.json', TSCONFIG],
    ['package.json', '{ "type": "module" }'],
    ...numbers.map((at) => [`table-${at}.ts`, tableFile(at, tables)] as const),
    ['database.ts', database],
    ...(queries
      ? [['queries.ts', queriesFile(numbers.filter((at) => at % 10 === 0))] as const]
      : []),
  ])
}

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['*.ts'],
})

function modelFile(at: number, models: number): string {
  return `import * as c from '@aquifer/core/columns'
import { belongsTo, defineModel, hasMany, type InputOf, type RowOf } from '@aquifer/core/models'
import { sql } from 'kysely'

export const table${at} = defineModel('table${at}', {
  id: c.uuid().primaryKey().default(sql\`uuidv7()\`),
  parentId: c.uuid().nullable(),
  title${at}: c.text(),
  body: c.text().nullable(),
  kind: c.oneOf('one', 'two', 'three').default('one'),
  count: c.integer().default(0).check((count) => sql\`\${count} >= 0\`),
  total: c.bigint().nullable(),
  price: c.numeric(10, 2),
  isOpen: c.boolean().default(true),
  settings: c.jsonb<{ theme: string; sizes: number[] }>().default('{}'),
  secret: c.text().hidden().guarded(),
  createdAt: c.timestamptz().default(sql\`now()\`),
}, {
  indexes: [{ on: ['parentId', { column: 'createdAt', order: 'desc' }] }],
  uniques: [{ on: ['title${at}', 'kind'] }],
  relations: {
    parent: belongsTo('table${(at + 1) % models}', 'parentId'),
    children: hasMany('table${(at + models - 1) % models}', 'parentId'),
  },
})

export interface Table${at}Row extends RowOf<typeof table${at}> {}
export interface NewTable${at} extends InputOf<typeof table${at}> {}
`
}

function interfaceFile(at: number): string {
  return `import type { ColumnType, Generated, Insertable, Selectable } from 'kysely'
export interface Table${at} {
  id: ColumnType<string, string | undefined, never>
  parentId: string | null
  title${at}: string
  body: string | null
  kind: Generated<'one' | 'two' | 'three'>
  count: Generated<number>
  total: bigint | null
  price: string
  isOpen: Generated<boolean>
  settings: Generated<{ theme: string; sizes: number[] }>
  secret: string
  createdAt: Generated<Date>
}
export interface Table${at}Row extends Selectable<Table${at}> {}
export interface NewTable${at} extends Insertable<Table${at}> {}
`
}

function databaseOfInterfaces(numbers: readonly number[]): string {
  return [
    ...numbers.map((at) => `import type { Table${at} } from './table-${at}.ts'`),
    `export interface Database { ${numbers.map((at) => `table${at}: Table${at}`).join('; ')} }`,
  ].join('\n')
}

function databaseOfModels(numbers: readonly number[]): string {
  return [
    `import type { DatabaseOf } from '@aquifer/core/models'`,
    ...numbers.map((at) => `import { table${at} } from './table-${at}.ts'`),
    `export const models = { ${numbers.map((at) => `table${at}`).join(', ')} }`,
    'export interface Database extends DatabaseOf<typeof models> {}',
  ].join('\n')
}

function queriesFile(numbers: readonly number[]): string {
  return [
    `import type { Kysely } from 'kysely'`,
    `import type { Database } from './database.ts'`,
    ...numbers.map((at) => `import type { NewTable${at}, Table${at}Row } from './table-${at}.ts'`),
    ...numbers.map(
      (at) => `
export const find${at} = (db: Kysely<Database>, id: string): Promise<Table${at}Row | undefined> =>
  db.selectFrom('table${at}').selectAll().where('id', '=', id).executeTakeFirst()

export const list${at} = (db: Kysely<Database>) =>
  db.selectFrom('table${at}')
    .leftJoin('table${at + 1}', 'table${at + 1}.id', 'table${at}.parentId')
    .select(['table${at}.title${at}', 'table${at + 1}.title${at + 1} as above'])
    .where('table${at}.kind', 'in', ['one', 'two'])
    .orderBy('table${at}.createdAt', 'desc')
    .execute()

export const add${at} = (db: Kysely<Database>, input: NewTable${at}) =>
  db.insertInto('table${at}').values({ ...input, secret: '' }).returning(['id', 'createdAt']).executeTakeFirstOrThrow()

export const close${at} = (db: Kysely<Database>, id: string) =>
  db.updateTable('table${at}').set({ isOpen: false }).where('id', '=', id).execute()`,
    ),
  ].join('\n')
}
