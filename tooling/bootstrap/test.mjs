import './require-node.mjs'
import { join } from 'node:path'
import { ensureInstalled } from './install.mjs'
import { clearResults, readResults, summaryLine } from './test-results.mjs'
import { runTurbo } from './turbo.mjs'
import { packageFolders, root } from './workspace.mjs'

// npm test: the tests of all packages. Arguments go to turbo: npm test -- --filter=@aquifer/core
await ensureInstalled()
clearResults(packageFolders().map((folder) => join(root, folder)))
const { exitCode, tasks } = await runTurbo([
  'run',
  'test',
  '--continue',
  '--output-logs=new-only',
  ...process.argv.slice(2),
])

const results = tasks
  .filter(({ task }) => task === 'test')
  .map((task) => ({ ...task, ...readResults(join(root, task.directory), task.exitCode) }))
for (const { package: name, failures, problem } of results) {
  for (const failure of failures) console.log(`failed: ${name} ${failure}`)
  if (problem !== undefined) console.log(`failed: ${name} ${problem}`)
}
const unexplained = exitCode !== 0 && results.every(({ failed }) => failed === 0)
if (unexplained) results.push({ passed: 0, failed: 1, skipped: 0 })
console.log(summaryLine(results))
process.exit(results.some(({ failed }) => failed > 0) ? 1 : 0)
