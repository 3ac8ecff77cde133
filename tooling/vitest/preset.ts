import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

declare module 'vitest' {
  interface ProvidedContext {
    /** A maintenance connection of the run's own PostgreSQL; `createTestDatabase` makes databases from it. */
    databaseUrl: string
    /** How long tests of faults go on: `long` also judges time limits. */
    faultProfile: 'short' | 'long'
  }
}

const faultProfile = process.env.AQUIFER_FAULT_PROFILE === 'long' ? 'long' : 'short'

/** What every package's tests share. A package adds to it with `mergeConfig` in its vitest.config.ts. */
const preset: ViteUserConfig = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: [fileURLToPath(new URL('./postgres.ts', import.meta.url))],
    // A process per file: a test may kill connections, change its environment or crash, alone.
    pool: 'forks',
    // `npm test` sums up these files of all packages.
    reporters: ['default', 'json'],
    outputFile: { json: './test-results.json' },
    provide: { faultProfile },
    testTimeout: faultProfile === 'long' ? 900_000 : 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    allowOnly: !process.env.CI,
  },
})

export default preset
