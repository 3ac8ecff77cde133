import type { Alteration } from '../alteration.ts'
import { alterationsOfOld, type Rule } from '../rule.ts'
import { shown } from '../table-name.ts'

/** Finds constraints whose index is built under a lock against everybody. */
export const uniqueBuiltDirectly: Rule = {
  id: 'unique-built-directly',
  severity: 'error',
  growsWithRows: true,
  why: 'The index behind the constraint is built while nobody else can use the table.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole build: reads and writes wait',
  rewrite:
    'CREATE UNIQUE INDEX CONCURRENTLY, outside a transaction, then ADD CONSTRAINT ... UNIQUE (or PRIMARY KEY) USING INDEX. For a PRIMARY KEY make the columns NOT NULL first',
  *check(statement, context) {
    for (const alteration of alterationsOfOld(statement, context)) {
      const kind = builtBy(alteration)
      if (kind === undefined) continue
      const { table, column, constraint } = alteration
      yield {
        message: `building the index of this ${kind} locks ${shown(table)} against everybody`,
        at: constraint?.location ?? column?.location,
        table,
      }
    }
  },
}

function builtBy({ kind, constraint, added }: Alteration): string | undefined {
  if (added?.primary === true) return 'PRIMARY KEY'
  if (added?.unique === true) return 'UNIQUE constraint'
  if (kind !== 'AT_AddConstraint' || constraint?.indexname !== undefined) return undefined
  if (constraint?.contype === 'CONSTR_PRIMARY') return 'PRIMARY KEY'
  return constraint?.contype === 'CONSTR_UNIQUE' ? 'UNIQUE constraint' : undefined
}
