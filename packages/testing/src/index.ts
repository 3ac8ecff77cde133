export { openSandbox, type Sandbox } from './sandbox.ts'
export { type SandboxCode, SandboxError } from '@aquifer/core/sandbox'
