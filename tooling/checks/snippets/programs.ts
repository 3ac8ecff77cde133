import { posix } from 'node:path'
import { type EmbeddedServer, temporaryServer } from '@aquifer/embedded'
import type { Finding } from '../check.ts'
import { runCommand } from '../command.ts'
import type { Repository } from '../repository.ts'
import { firstMissingLine } from './compare.ts'
import type { Block } from './page.ts'
import { linkPackages, openWorkshop, type Workshop } from './workshop.ts'

/** A block as a file of the workshop, with the output that the page shows below it. */
interface Program extends Block {
  readonly path: string
  readonly expected?: string
}

/**
 * Type-checks the `ts` blocks of all pages at once and runs each as a program of its own, with
 * `DATABASE_URL` set to a database that is empty when its page begins.
 */
export async function runPrograms(
  pages: readonly (readonly Block[])[],
  repository: Repository,
): Promise<Finding[]> {
  const programs = pages.map(asPrograms).filter((page) => page.length > 0)
  if (programs.length === 0) return []
  using workshop = openWorkshop()
  linkPackages(workshop.folder, repository)
  workshop.write('package.json', '{ "type": "module" }')
  workshop.write('tsconfig.json', compilerSettings(repository))
  for (const program of programs.flat()) workshop.write(program.path, program.content)

  const wrongTypes = await checkTypes(programs.flat(), repository, workshop)
  if (wrongTypes.length > 0) return wrongTypes
  const findings: Finding[] = []
  await using server = await temporaryServer()
  for (const page of programs) findings.push(...(await runPage(page, server, repository, workshop)))
  return findings
}

/** Each page is a folder; a program is named after its line, so that a message can be read. */
function asPrograms(blocks: readonly Block[]): Program[] {
  return blocks.flatMap((block, index) => {
    if (block.kind !== 'program' && block.kind !== 'file') return []
    const folder = block.page.replace(/\.md$/, '').toLowerCase()
    const path = posix.join(folder, block.path ?? `line-${block.line}.ts`)
    const next = blocks[index + 1]
    return { ...block, path, ...(next?.kind === 'output' ? { expected: next.content } : {}) }
  })
}

/** As strict as our own code, but a snippet may show a name that it does not use. */
function compilerSettings(repository: Repository): string {
  return JSON.stringify({
    extends: posix.join(repository.root, 'tooling/tsconfig/app.json'),
    compilerOptions: {
      moduleDetection: 'force',
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    include: ['**/*.ts'],
  })
}

async function checkTypes(
  programs: readonly Program[],
  repository: Repository,
  { folder }: Workshop,
): Promise<Finding[]> {
  const checked = await runCommand(repository.root, ['tsc', '-p', '.', '--pretty', 'false'], {
    cwd: folder,
  })
  if (checked.ok) return []
  const findings = checked.output.split('\n').flatMap((text) => {
    const [, path, line, message] = /^(\S+?)\((\d+),\d+\): (.*)$/.exec(text) ?? []
    const program = programs.find((one) => one.path === path)
    if (!program || !message) return []
    return { file: program.page, line: program.line + Number(line), message }
  })
  return findings.length > 0 ? findings : [{ file: 'docs', message: checked.output.trim() }]
}

async function runPage(
  programs: readonly Program[],
  server: EmbeddedServer,
  repository: Repository,
  { folder }: Workshop,
): Promise<Finding[]> {
  const env = { DATABASE_URL: await server.createDatabase() }
  for (const { kind, path, page: file, line, expected } of programs) {
    if (kind === 'file') continue
    const cwd = posix.join(folder, posix.dirname(path))
    const run = await runCommand(repository.root, ['node', posix.basename(path)], { cwd, env })
    const missing = firstMissingLine(expected ?? '', run.stdout)
    if (run.ok && missing === undefined) continue
    const problem = run.ok ? `does not print "${missing}"` : 'fails'
    const lines = run.output.trimEnd().split('\n').slice(-12)
    const message = `the program ${problem}:\n${lines.map((text) => `      | ${text}`).join('\n')}`
    return [{ file, line, message }]
  }
  return []
}
