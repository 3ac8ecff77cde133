import './require-node.mjs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { node24, pinnedPnpm, root } from './workspace.mjs'

// npm run check: everything beside the tests that must hold. All steps run, also after a failure.
// npm run check -- entries --write: only the named rules of the house, with the options given.
const turbo = ['npx', '--yes', pinnedPnpm(), 'exec', 'turbo', 'run', '--continue']
const bin = join(root, 'node_modules', '.bin')
const chosen = process.argv.slice(2)
const rules = [node24, join(root, 'tooling', 'checks', 'main.ts'), ...chosen]
const all = [
  { name: 'format and lint rules (biome)', command: [join(bin, 'biome'), 'check', '.'] },
  {
    name: 'types, lint and build of every package (turbo)',
    command: [...turbo, 'typecheck', 'lint', 'build', '--output-logs=errors-only'],
  },
  { name: 'nothing unused (knip)', command: [join(bin, 'knip')] },
  { name: 'rules of the house', command: rules },
]
const steps = chosen.length > 0 ? all.slice(-1) : all

await ensureInstalled()
let failed = 0
for (const { name, command } of steps) {
  console.log(`\n${name}`)
  const startedAt = Date.now()
  const code = await run(command)
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  console.log(code === 0 ? `  passed in ${seconds} s` : `  FAILED after ${seconds} s`)
  if (code !== 0) failed += 1
}
console.log(`\n${steps.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function run([program, ...args]) {
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH || ''}` }
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env })
    child.on('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code === null ? 1 : code))
  })
}
