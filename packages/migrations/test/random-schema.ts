import fc from 'fast-check'

/** A schema in parts, each of which an edit may exchange for another one. */
export type RandomSchema = readonly unknown[]

interface RandomColumn {
  readonly there: boolean
  readonly type: string
  readonly notNull: boolean
  readonly source: 'none' | 'default' | 'identity' | 'generated'
}

interface RandomTable {
  readonly there: boolean
  readonly key: number
  readonly unique: readonly number[]
  readonly check: string
  readonly index: {
    readonly columns: readonly number[]
    readonly tail: string
    readonly unique: boolean
  }
  readonly refers: number
  readonly action: string
  readonly comment: string
  readonly secured: boolean
  readonly trigger: boolean
  readonly unlogged: boolean
}

const TABLES = 3
const COLUMNS = 4
const TYPES = [
  'int',
  'bigint',
  'numeric(8,2)',
  'varchar(20)',
  'text',
  'date',
  'text[]',
  'jsonb',
  'e0',
  'e0[]',
  'd0',
]
const NUMERIC = new Set(['int', 'bigint', 'numeric(8,2)', 'd0'])
const INTEGER = new Set(['int', 'bigint'])

const column: fc.Arbitrary<RandomColumn> = fc.record({
  there: fc.boolean(),
  type: fc.constantFrom(...TYPES),
  notNull: fc.boolean(),
  source: fc.constantFrom('none', 'default', 'identity', 'generated'),
})
const few = fc.uniqueArray(fc.nat(COLUMNS - 1), { minLength: 1, maxLength: 2 })
const table: fc.Arbitrary<RandomTable> = fc.record({
  there: fc.boolean(),
  key: fc.nat(COLUMNS),
  unique: few,
  check: fc.constantFrom('', 'id > 0', 'id <> 7', 'f0(id) > 0'),
  index: fc.record({
    columns: few,
    tail: fc.constantFrom('', 'desc', 'where id > 3', 'include (id)', 'where f0(id) = 1'),
    unique: fc.boolean(),
  }),
  refers: fc.nat(TABLES - 1),
  action: fc.constantFrom('', 'on delete cascade', 'on update set null deferrable'),
  comment: fc.constantFrom('', "it''s", 'other'),
  secured: fc.boolean(),
  trigger: fc.boolean(),
  unlogged: fc.boolean(),
})
const labels = fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 1 })
const domain = fc.record({
  type: fc.constantFrom('int', 'bigint'),
  check: fc.constantFrom('', 'value > 0', 'value < 9'),
  notNull: fc.boolean(),
})
const views = fc.record({
  plain: fc.uniqueArray(fc.nat(COLUMNS - 1), { maxLength: 3 }),
  there: fc.boolean(),
  second: fc.boolean(),
  materialized: fc.boolean(),
})
const routine = fc.record({
  body: fc.constantFrom('select a', 'select a + 1'),
  result: fc.constantFrom('int', 'bigint'),
  name: fc.constantFrom('a', 'b'),
})

const PARTS: readonly fc.Arbitrary<unknown>[] = [
  labels,
  domain,
  views,
  routine,
  ...Array.from({ length: TABLES }, () => table),
  ...Array.from({ length: TABLES * COLUMNS }, () => column),
]

/** A schema, and what becomes of it by edits, step by step. */
export const schemaHistory: fc.Arbitrary<readonly RandomSchema[]> = fc
  .tuple(
    fc.tuple(...PARTS),
    fc.array(
      fc.array(fc.oneof(...PARTS.map((part, at) => part.map((value) => ({ at, value })))), {
        minLength: 1,
        maxLength: 6,
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([first, steps]) => {
    const history: RandomSchema[] = [first]
    for (const edits of steps) {
      const next = [...(history.at(-1) ?? [])]
      for (const { at, value } of edits) next[at] = value
      history.push(next)
    }
    return history
  })

/** The statements that make a schema in an empty database. */
export function statementsOf(schema: RandomSchema): string[] {
  const [enumLabels, rules, shown, program] = schema as [
    readonly string[],
    { type: string; check: string; notNull: boolean },
    { plain: readonly number[]; there: boolean; second: boolean; materialized: boolean },
    { body: string; result: string; name: string },
  ]
  const tables = schema.slice(4, 4 + TABLES) as RandomTable[]
  const columnsOf = (at: number) =>
    schema.slice(4 + TABLES + at * COLUMNS, 4 + TABLES + (at + 1) * COLUMNS) as RandomColumn[]
  const there = tables.flatMap((each, at) => (each.there ? [at] : []))
  const check = rules.check === '' ? '' : `constraint d0_rule check (${rules.check})`
  return [
    `create type e0 as enum (${enumLabels.map((label) => `'${label}'`).join(', ')})`,
    `create domain d0 as ${rules.type} ${rules.notNull ? 'not null' : ''} ${check}`,
    `create function f0(${program.name} int) returns ${program.result} language sql immutable as '${program.body.replace('a', '$1')}'`,
    `create function g0() returns trigger language plpgsql as 'begin return new; end'`,
    ...there.map((at) => tableStatement(at, tables[at] as RandomTable, columnsOf(at))),
    ...there.flatMap((at) => partStatements(at, tables, columnsOf(at))),
    ...viewStatements(shown, there, columnsOf),
  ]
}

function tableStatement(at: number, table: RandomTable, columns: readonly RandomColumn[]): string {
  const { key, check } = table
  const lines = [
    'id int not null',
    'parent int',
    ...columns.flatMap((each, number) => (each.there ? [columnLine(number, each)] : [])),
    ...(check === '' ? [] : [`constraint t${at}_rule check (${check})`]),
    `constraint t${at}_key primary key (id${columns[key]?.there && isKey(columns[key]) ? `, c${key}` : ''})`,
    `constraint t${at}_id unique (id)`,
  ]
  return `create ${table.unlogged ? 'unlogged ' : ''}table t${at} (${lines.join(', ')})`
}

function isKey({ type }: RandomColumn): boolean {
  return INTEGER.has(type)
}

function columnLine(number: number, { type, notNull, source }: RandomColumn): string {
  const required = notNull ? ' not null' : ''
  if (source === 'identity' && INTEGER.has(type)) {
    return `c${number} ${type} generated by default as identity`
  }
  if (source === 'generated' && NUMERIC.has(type) && type !== 'd0') {
    return `c${number} ${type}${required} generated always as (id + 1) stored`
  }
  const value = source === 'default' ? ` default ${NUMERIC.has(type) ? '5' : 'null'}` : ''
  return `c${number} ${type}${value}${required}`
}

function partStatements(
  at: number,
  tables: readonly RandomTable[],
  columns: readonly RandomColumn[],
): string[] {
  const { unique, index, refers, action, comment, secured, trigger, unlogged } = tables[
    at
  ] as RandomTable
  const names = (numbers: readonly number[]) =>
    numbers
      .filter((each) => columns[each]?.there && columns[each].type !== 'jsonb')
      .map((each) => `c${each}`)
  const uniqueNames = names(unique)
  const [first, ...rest] = names(index.columns)
  const key = index.tail === 'desc' ? 'desc' : ''
  const tail = index.tail === 'desc' ? '' : index.tail
  const target = tables[refers]
  return [
    ...(uniqueNames.length === 0
      ? []
      : [`alter table t${at} add constraint t${at}_u unique (${uniqueNames.join(', ')})`]),
    ...(first === undefined
      ? []
      : [
          `create ${index.unique ? 'unique ' : ''}index t${at}_i on t${at} (${[`${first} ${key}`, ...rest].join(', ')}) ${tail}`,
        ]),
    ...(target?.there && target.unlogged === unlogged
      ? [
          `alter table t${at} add constraint t${at}_parent foreign key (parent) references t${refers} (id) ${action}`,
        ]
      : []),
    ...(comment === '' ? [] : [`comment on table t${at} is '${comment}'`]),
    ...(secured
      ? [
          `alter table t${at} enable row level security`,
          `create policy p on t${at} using (${first ?? 'id'} is not null)`,
        ]
      : []),
    ...(trigger
      ? [
          `create trigger g before update of ${first ?? 'id'} on t${at} for each row execute function g0()`,
        ]
      : []),
  ]
}

function viewStatements(
  {
    plain,
    there,
    second,
    materialized,
  }: { plain: readonly number[]; there: boolean; second: boolean; materialized: boolean },
  tables: readonly number[],
  columnsOf: (at: number) => readonly RandomColumn[],
): string[] {
  const [at] = tables
  if (at === undefined || !there) return []
  const columns = plain.filter((each) => columnsOf(at)[each]?.there).map((each) => `c${each}`)
  const names = ['id', ...columns].join(', ')
  return [
    `create view v0 as select ${names} from t${at} where id > 0`,
    ...(second ? ['create view v1 as select *, f0(id) as f from v0'] : []),
    ...(materialized
      ? ['create materialized view m0 as select * from v0', 'create index m0_i on m0 (id)']
      : []),
  ]
}
