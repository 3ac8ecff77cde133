import './require-node.mjs'
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { runScript } from './run.mjs'
import { root } from './workspace.mjs'

// npm start: the whole product on this machine, until Ctrl-C.
await ensureInstalled()
runScript(join(root, 'tooling', 'dev', 'start.ts'), process.argv.slice(2), { ipc: true })
