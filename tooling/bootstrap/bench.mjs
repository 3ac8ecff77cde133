import './require-node.mjs'
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { runScript } from './run.mjs'
import { root } from './workspace.mjs'

// npm run bench: Aquifer beside its peers, on this machine.
await ensureInstalled()
runScript(join(root, 'tooling', 'bench', 'main.ts'), process.argv.slice(2))
