export {
  createEngine,
  type Engine,
  type EngineOptions,
  type EngineParts,
  type Work,
} from './session/create-engine.ts'
export { presets, type Profile, type ProfilePreset } from './engine/profile.ts'
export { createPool } from './engine/create-pool.ts'
export type { NodePostgresOptions, OwnPoolOptions, PoolOptions } from './engine/pool-options.ts'
export type { BudgetClaim, BudgetReport } from './engine/budget.ts'
export type { EngineHealth } from './engine/health.ts'
export type { AcquireOptions } from './pool/acquire-options.ts'
export type { Lease, StatementOptions } from './pool/lease.ts'
export type { QueryResult } from './pool/statement.ts'
export type { Notice, Notification } from './pool/said.ts'
export type { Connected } from './pool/connected.ts'
export type { PgClient, PgClientEvents } from './pool/pg-client.ts'
export type { PgControlClient } from './pool/pg-control-client.ts'
export type { PgConnectCallback, PgPool, PgPoolEvents } from './pool/pg-pool.ts'
export type { PgCallback, PgQueryConfig, PgResult } from './pool/pg-query.ts'
export type { PoolStats, WaitHistogram } from './pool/stats.ts'
export type { CloseReason, Events, PoolEvents } from './pool/events.ts'

export type { Session } from './session/session.ts'
export type { SessionHandle } from './session/session-handle.ts'
export type { JsonResult, OnceOptions } from './session/once.ts'
export {
  forgetIdempotencyKeys,
  type IdempotencySchemaStep,
  idempotencySchema,
} from './session/idempotency-schema.ts'
export type {
  IsolationLevel,
  Propagation,
  SessionOptions,
  TransactionOptions,
} from './session/options.ts'
export {
  advisoryKey,
  type LockName,
  type LockOptions,
  type TryLockOptions,
} from './session/advisory-lock.ts'
export type { SessionContext } from './session/context.ts'
export type { AfterHook, BeforeCommitHook } from './session/hooks.ts'
export { Deadline } from './time/deadline.ts'
export { type BackoffOptions, backoffMs } from './time/backoff.ts'

export { Column, type ColumnDefinition } from './model/column.ts'
export {
  type Columns,
  defineModel,
  type InsertOf,
  type Model,
  type RowOf,
  type TableOf,
  type UpdateOf,
} from './model/model.ts'
export type { DatabaseOf, Models } from './model/registry.ts'

export {
  AquiferError,
  type ErrorDetails,
  type ErrorKind,
  isAquiferError,
  type Outcome,
} from './errors/aquifer-error.ts'
export { ConnectionError } from './errors/connection-error.ts'
export { type ConstraintCode, ConstraintError } from './errors/constraint-error.ts'
export { DataError } from './errors/data-error.ts'
export { AcquireTimeoutError, PoolClosedError, type PoolLoad } from './errors/overload-error.ts'
export { ServerError } from './errors/server-error.ts'
export { CancelledError, TimeoutError } from './errors/timeout-error.ts'
export { type TransactionCode, TransactionError } from './errors/transaction-error.ts'
export { UsageError } from './errors/usage-error.ts'
