import { PROGRAM_CHANGES } from './program-changes.ts'
import type { SchemaChange } from './schema-change.ts'
import { TABLE_CHANGES } from './table-changes.ts'
import { TYPE_CHANGES } from './type-changes.ts'

/** What the differ has to find. Each is tried in both directions. */
export const CHANGES: readonly SchemaChange[] = [
  ...TABLE_CHANGES,
  ...TYPE_CHANGES,
  ...PROGRAM_CHANGES,
]
