export { nestedEngine } from './nested-engine.ts'
export { type SandboxCode, SandboxError, sandboxLost } from './sandbox-error.ts'
