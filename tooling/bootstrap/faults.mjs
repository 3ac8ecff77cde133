import './require-node.mjs'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { node24, packageFolders, root } from './workspace.mjs'

// npm run test:faults: the tests of faults, package by package so that nothing else disturbs what they measure.
// --long tries each fault many times and judges time limits. Other arguments go to vitest: -t C5
const words = process.argv.slice(2)
const profile = words.includes('--long') ? 'long' : 'short'
const options = words.filter((word) => word !== '--long')

await ensureInstalled()
const folders = packageFolders()
  .map((folder) => join(root, folder))
  .filter((folder) => existsSync(join(folder, 'test', 'faults')))
let failed = 0
for (const folder of folders) if ((await runVitest(folder)) !== 0) failed += 1
process.exit(failed === 0 ? 0 : 1)

/** One file after the other in the long profile: what is measured then needs the machine for itself. */
function runVitest(folder) {
  const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs')
  const files = ['test/faults/', 'model.test.ts']
  const alone = profile === 'long' ? ['--no-file-parallelism'] : []
  const args = [vitest, 'run', '--reporter=default', ...alone, ...options, ...files]
  const env = { ...process.env, AQUIFER_FAULT_PROFILE: profile }
  return new Promise((resolve) => {
    const child = spawn(node24, args, { cwd: folder, stdio: 'inherit', env })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => child.kill(signal))
    child.on('error', (error) => {
      console.error(`vitest could not be started: ${error.message}`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code === null ? 1 : code))
  })
}
