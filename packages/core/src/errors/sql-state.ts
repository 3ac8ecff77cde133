import type { ErrorKind } from './aquifer-error.ts'
import type { ConstraintCode } from './constraint-error.ts'

const CONSTRAINTS: Readonly<Record<string, ConstraintCode>> = {
  // ON DELETE RESTRICT, which PostgreSQL reports apart from 18 on.
  '23001': 'FOREIGN_KEY_VIOLATION',
  '23502': 'NOT_NULL_VIOLATION',
  '23503': 'FOREIGN_KEY_VIOLATION',
  '23505': 'UNIQUE_VIOLATION',
  '23514': 'CHECK_VIOLATION',
  '23P01': 'EXCLUSION_VIOLATION',
}

const KINDS_OF_CODES: Readonly<Record<string, ErrorKind>> = {
  '25P02': 'transaction',
  '25P03': 'connection',
  '25P04': 'timeout',
  '40001': 'serialization',
  '40P01': 'deadlock',
  '42501': 'permission',
  '55P03': 'timeout',
  '57014': 'cancelled',
  '57P01': 'connection',
  '57P02': 'connection',
  '57P03': 'connection',
  '57P05': 'connection',
}

const KINDS_OF_CLASSES: Readonly<Record<string, ErrorKind>> = {
  '08': 'connection',
  '22': 'data',
  '23': 'constraint',
  '25': 'transaction',
  '28': 'permission',
  '40': 'serialization',
  '42': 'syntax',
  '44': 'constraint',
  '53': 'resource',
  '54': 'resource',
  '58': 'resource',
  P0: 'data',
}

/** The kind of failure that a SQLSTATE stands for; what has no entry is the server's own trouble: `resource`. */
export function kindOfSqlState(sqlState: string): ErrorKind {
  return KINDS_OF_CODES[sqlState] ?? KINDS_OF_CLASSES[sqlState.slice(0, 2)] ?? 'resource'
}

/** The code of a constraint violation, or undefined for any other SQLSTATE. */
export function constraintCode(sqlState: string): ConstraintCode | undefined {
  return CONSTRAINTS[sqlState]
}
