export { EmbeddedError, type EmbeddedErrorCode } from './embedded-error.ts'
export type { EmbeddedServer, EndOptions } from './embedded-server.ts'
export type {
  BlackHoleOptions,
  DirectionOptions,
  FaultProxy,
  FaultProxyOptions,
  ProxyStats,
} from './fault-proxy.ts'
export { type FaultResult, faultLine, reportFault } from './fault-report.ts'
export type { FaultAction, FaultRule, HoldRule, MessageMatch, RuleFiring } from './fault-rule.ts'
export type { CreateDatabaseOptions } from './maintenance.ts'
export { openFaultProxy } from './open-fault-proxy.ts'
export { freePort, isPortFree } from './port.ts'
export type { Direction } from './protocol-framing.ts'
export type { ToClientMessage, ToServerMessage } from './protocol-names.ts'
export { type ServerOptions, startServer } from './server.ts'
export type { EndMode } from './server-life.ts'
export {
  type TemporaryServer,
  type TemporaryServerOptions,
  temporaryServer,
} from './temporary-server.ts'
export { createTestDatabase, type TestDatabase } from './test-database.ts'
export { type TestPgBouncer, type TestPgBouncerOptions, testPgBouncer } from './test-pgbouncer.ts'
export { type TestRedis, testRedis } from './test-redis.ts'
export { type TestServer, testServer } from './test-server.ts'
export type { RecordedMessage, Recording, TrafficCounts } from './traffic.ts'
