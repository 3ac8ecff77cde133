import { freePort } from '@aquifer/embedded'
import type { Check, Finding } from './check.ts'
import type { Repository } from './repository.ts'
import { runConsole } from './snippets/console.ts'
import { type Block, parsePage } from './snippets/page.ts'
import { runPrograms } from './snippets/programs.ts'
import { openShell } from './snippets/shell.ts'
import { cloneInto, openWorkshop } from './snippets/workshop.ts'

/** What the README and the guide tell a reader to type works, and prints what they show. */
export const snippets: Check = {
  name: 'snippets',
  async run(repository) {
    const pages = repository.files
      .filter((file) => /^(README|CONTRIBUTING)\.md$|^docs\/.*\.md$/.test(file))
      .map((file) => parsePage(file, repository.read(file)))
    const findings = pages.flatMap((page) => page.findings)
    if (findings.length > 0) return { findings }
    const blocks = pages.map((page) => page.blocks)
    const programs = await runPrograms(blocks, repository)
    const consoles: Finding[] = []
    for (const page of blocks) consoles.push(...(await runPage(page, repository)))
    const count = blocks.flat().filter(({ kind }) => kind !== 'output').length
    return {
      findings: [...programs, ...consoles],
      notes: [`${count} blocks of ${pages.length} pages`],
    }
  },
}

async function runPage(page: readonly Block[], repository: Repository): Promise<Finding[]> {
  const blocks = page.filter(({ kind }) => kind === 'shell' || kind === 'console')
  if (blocks.length === 0) return []
  using workshop = openWorkshop()
  cloneInto(workshop.folder, repository)
  const port = await freePort()
  await using shell = openShell(workshop.folder, newcomersEnvironment(port))
  return await runConsole(blocks, shell, port)
}

/** What a person has who has just cloned the project: none of our settings, no tool of ours. */
function newcomersEnvironment(port: number): NodeJS.ProcessEnv {
  const ours = /^(DATABASE_|REDIS_|TEST_|AQUIFER_|JWT_|SMTP_|WORKER_|LOG_|NODE_|npm_|TURBO_|VITEST)/
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name))
  const path = (process.env.PATH ?? '')
    .split(':')
    .filter((one) => !one.endsWith('node_modules/.bin'))
  return { ...Object.fromEntries(kept), PATH: path.join(':'), PORT: String(port), NO_COLOR: '1' }
}
