export { openSandbox, type Sandbox } from './sandbox.ts'
export { openTestDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database.ts'
export { expectQueries } from './expect-queries.ts'
export { type SandboxCode, SandboxError } from '@aquifer/core/sandbox'
