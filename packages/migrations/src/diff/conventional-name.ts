import type { Constraint, Index } from '../catalogue/table.ts'
import { usualName } from './usual-name.ts'

type Kind = Constraint['type'] | 'index'

const SUFFIXES: Readonly<Record<Kind, readonly string[]>> = {
  primaryKey: ['pkey', 'pk', 'primary'],
  unique: ['key', 'uq', 'uk', 'unique'],
  foreignKey: ['fkey', 'fk', 'foreign'],
  check: ['check', 'ck', 'chk'],
  exclude: ['excl', 'exclude'],
  index: ['idx', 'ix', 'index'],
}

/** What a name can be made of by a convention. */
export interface NameParts {
  readonly kind: Kind
  /** The names that its table has, or had. */
  readonly tables: readonly string[]
  readonly columns: readonly string[]
  /** Of a foreign key. */
  readonly foreignTable?: string
}

/** Whether a convention gives a constraint or index this name, so that nobody has chosen it: `users_email_key`, `uq_users_email`. */
export function isConventional(name: string, parts: NameParts): boolean {
  const bare = name.replace(/\d+$/, '').toLowerCase()
  return namesOf(parts).some(
    (each) => each.toLowerCase() === name.toLowerCase() || each.toLowerCase() === bare,
  )
}

function namesOf({ kind, tables, columns, foreignTable }: NameParts): string[] {
  const lists = [columns.join('_'), '', ...(kind === 'check' ? columns : [])]
  const ends =
    foreignTable === undefined ? lists : lists.flatMap((l) => [l, `${l}_${foreignTable}`])
  return tables.flatMap((table) =>
    SUFFIXES[kind].flatMap((word) =>
      ends.flatMap((end) => [
        usualName(table, end, word),
        usualName(word, table, end || 'x').replace(/_x$/, ''),
      ]),
    ),
  )
}

/** What the name of an index may be made of: its columns, and the functions or `expr` of its expressions. */
export function columnsOfIndex({ keys }: Index): string[] {
  return keys.map(
    ({ column, expression }) => column ?? /^(\w+)\(/.exec(expression ?? '')?.[1] ?? 'expr',
  )
}
