import type { Rule } from './rule.ts'
import { backfillUnbatched } from './rules/backfill-unbatched.ts'
import { backfillWithDdl } from './rules/backfill-with-ddl.ts'
import { charType } from './rules/char-type.ts'
import { checkValidated } from './rules/check-validated.ts'
import { concurrentlyInTransaction } from './rules/concurrently-in-transaction.ts'
import { createWithForce } from './rules/create-with-force.ts'
import { detachNotConcurrent } from './rules/detach-not-concurrent.ts'
import { domainWithCheck } from './rules/domain-with-check.ts'
import { dropColumn } from './rules/drop-column.ts'
import { dropConstraint } from './rules/drop-constraint.ts'
import { dropDatabase } from './rules/drop-database.ts'
import { dropIndexNotConcurrent } from './rules/drop-index-not-concurrent.ts'
import { dropNotNull } from './rules/drop-not-null.ts'
import { dropSchema } from './rules/drop-schema.ts'
import { dropTable } from './rules/drop-table.ts'
import { duplicateColumn } from './rules/duplicate-column.ts'
import { enumValueInOwnTransaction } from './rules/enum-value-in-own-transaction.ts'
import { enumValueWithoutPlace } from './rules/enum-value-without-place.ts'
import { exclusionConstraint } from './rules/exclusion-constraint.ts'
import { foreignKeyValidated } from './rules/foreign-key-validated.ts'
import { foreignKeyWithoutIndex } from './rules/foreign-key-without-index.ts'
import { generatedColumn } from './rules/generated-column.ts'
import { identityColumn } from './rules/identity-column.ts'
import { ignoreInvalid } from './rules/ignore-invalid.ts'
import { indexNotConcurrent } from './rules/index-not-concurrent.ts'
import { jsonType } from './rules/json-type.ts'
import { lockTimeoutMissing } from './rules/lock-timeout-missing.ts'
import { longName } from './rules/long-name.ts'
import { nestedTransaction } from './rules/nested-transaction.ts'
import { notNullWithoutDefault } from './rules/not-null-without-default.ts'
import { notRerunnable } from './rules/not-rerunnable.ts'
import { reindexNotConcurrent } from './rules/reindex-not-concurrent.ts'
import { renameColumn } from './rules/rename-column.ts'
import { renameEnumValue } from './rules/rename-enum-value.ts'
import { renameSchema } from './rules/rename-schema.ts'
import { renameTable } from './rules/rename-table.ts'
import { serialColumn } from './rules/serial-column.ts'
import { setNotNull } from './rules/set-not-null.ts'
import { severalStrongLocks } from './rules/several-strong-locks.ts'
import { smallIntegerKey } from './rules/small-integer-key.ts'
import { statementTimeoutMissing } from './rules/statement-timeout-missing.ts'
import { syntaxError } from './rules/syntax-error.ts'
import { tableRewrite } from './rules/table-rewrite.ts'
import { timestampWithoutZone } from './rules/timestamp-without-zone.ts'
import { transactionNotClosed } from './rules/transaction-not-closed.ts'
import { truncateCascade } from './rules/truncate-cascade.ts'
import { typeChangeRewrites } from './rules/type-change-rewrites.ts'
import { typeChangeUnderCheck } from './rules/type-change-under-check.ts'
import { uniqueBuiltDirectly } from './rules/unique-built-directly.ts'
import { uniqueMayCollide } from './rules/unique-may-collide.ts'
import { unreadableSql } from './rules/unreadable-sql.ts'
import { unrecordable } from './rules/unrecordable.ts'
import { validateInSameTransaction } from './rules/validate-in-same-transaction.ts'
import { volatileDefault } from './rules/volatile-default.ts'
import { wideIndex } from './rules/wide-index.ts'

/** Every rule, in the order in which findings of one place are told. */
export const allRules: readonly Rule[] = [
  syntaxError,
  unreadableSql,
  unrecordable,
  indexNotConcurrent,
  dropIndexNotConcurrent,
  concurrentlyInTransaction,
  reindexNotConcurrent,
  detachNotConcurrent,
  foreignKeyValidated,
  checkValidated,
  validateInSameTransaction,
  setNotNull,
  notNullWithoutDefault,
  volatileDefault,
  generatedColumn,
  identityColumn,
  typeChangeRewrites,
  typeChangeUnderCheck,
  uniqueBuiltDirectly,
  exclusionConstraint,
  uniqueMayCollide,
  tableRewrite,
  renameColumn,
  renameTable,
  renameSchema,
  renameEnumValue,
  dropColumn,
  dropTable,
  dropSchema,
  dropDatabase,
  dropConstraint,
  dropNotNull,
  truncateCascade,
  createWithForce,
  lockTimeoutMissing,
  statementTimeoutMissing,
  severalStrongLocks,
  backfillWithDdl,
  backfillUnbatched,
  nestedTransaction,
  transactionNotClosed,
  notRerunnable,
  enumValueWithoutPlace,
  enumValueInOwnTransaction,
  domainWithCheck,
  smallIntegerKey,
  serialColumn,
  charType,
  timestampWithoutZone,
  jsonType,
  longName,
  duplicateColumn,
  wideIndex,
  foreignKeyWithoutIndex,
  ignoreInvalid,
]
