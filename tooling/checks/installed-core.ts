import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryServer } from '@aquifer/embedded'
import { runCommand } from './command.ts'
import type { Repository } from './repository.ts'
import { linkPackages, openWorkshop } from './snippets/workshop.ts'

const PROGRAM = 'use-core.ts'

/**
 * What is wrong with core when a program uses it as it is packed. The tests run its sources; only what was built shows
 * whether it still tells its own lines from the caller's, and whether its entries share their classes.
 */
export async function misbehaviour(repository: Repository, tarball: string): Promise<string[]> {
  using workshop = openWorkshop()
  const core = join(workshop.folder, 'node_modules/@aquifer/core')
  mkdirSync(core, { recursive: true })
  const unpack = ['tar', '-xzf', tarball, '-C', core, '--strip-components=1']
  const unpacked = await runCommand(repository.root, unpack)
  if (!unpacked.ok) return [unpacked.output.trim()]
  linkPackages(workshop.folder, repository)
  workshop.write('package.json', '{ "type": "module" }')
  workshop.write(PROGRAM, repository.read(`tooling/checks/programs/${PROGRAM}`))

  await using server = await temporaryServer()
  const { ok, output } = await runCommand(repository.root, ['node', PROGRAM], {
    cwd: workshop.folder,
    env: { DATABASE_URL: server.url },
  })
  if (!ok) return [`a program cannot use it:\n${output.trim()}`]
  if (/longest held .*\buse-core\.ts:\d+/.test(output)) return []
  return [`a caller who waits in vain is told of a place that is not hers: ${output.trim()}`]
}
