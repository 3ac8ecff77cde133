#!/usr/bin/env node
import './require-node.mjs'
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { runScript } from './run.mjs'
import { root } from './workspace.mjs'

// npx aquifer ...: the command of @aquifer/migrations with this application's configuration.
await ensureInstalled()
const args = process.argv.slice(2)
const config = join(root, 'packages', 'db', 'aquifer.config.ts')
const chosen = args.some((arg) => arg === '--config' || arg.startsWith('--config='))
runScript(
  join(root, 'packages', 'migrations', 'src', 'cli', 'main.ts'),
  chosen ? args : ['--config', config, ...args],
)
