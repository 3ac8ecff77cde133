import { mergeConfig } from 'vitest/config'
import preset from './vitest/preset.ts'

export default mergeConfig(preset, { test: { include: ['*/**/*.test.ts'], testTimeout: 120_000 } })
