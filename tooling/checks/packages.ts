import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check, Finding } from './check.ts'
import { runCommand } from './command.ts'
import { misbehaviour } from './installed-core.ts'
import { type Repository, type WorkspacePackage, workspacePackages } from './repository.ts'

/** Each library, built and packed as it would be published, holds what its users need and no more. */
export const packages: Check = {
  name: 'packages',
  async run(repository) {
    const pnpm = ['npx', '--yes', pinnedPnpm(repository)]
    const build = [...pnpm, 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only']
    const built = await runCommand(repository.root, build)
    if (!built.ok) return { findings: [{ file: 'turbo.json', message: lastLines(built.output) }] }

    const folder = mkdtempSync(join(tmpdir(), 'aquifer-packages-'))
    try {
      const findings: Finding[] = []
      for (const library of workspacePackages(repository).filter(isPublished)) {
        const pack = [...pnpm, 'pack', '--json', '--pack-destination', folder]
        findings.push(...(await judge(repository, library, pack)))
      }
      return { findings }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** The package manager as npx names it, e.g. `pnpm@12.21.0`. */
function pinnedPnpm(repository: Repository): string {
  return JSON.parse(repository.read('package.json')).packageManager
}

function isPublished({ manifest }: WorkspacePackage): boolean {
  return !manifest.private && manifest.scripts?.build !== undefined
}

async function judge(
  repository: Repository,
  { directory, manifest }: WorkspacePackage,
  pack: readonly string[],
): Promise<Finding[]> {
  const file = `${directory}/package.json`
  const packed = await runCommand(repository.root, pack, { cwd: join(repository.root, directory) })
  if (!packed.ok) return [{ file, message: lastLines(packed.output) }]
  const { filename, files }: PackedPackage = JSON.parse(packed.stdout)
  const paths = files.map(({ path }) => path)
  const opinions = [
    await runCommand(repository.root, ['publint', '--strict', filename]),
    // Types are looked for in the package alone, not on a registry.
    await runCommand(repository.root, [
      ...['attw', '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--no-color'],
      ...['--format', 'ascii', filename],
    ]),
  ]
  const faults = manifest.name === '@aquifer/core' ? await misbehaviour(repository, filename) : []
  return [
    ...unwantedFiles(paths, (path) => repository.files.includes(`${directory}/${path}`)).map(
      (message) => ({ file, message }),
    ),
    ...faults.map((message) => ({ file, message })),
    ...opinions.filter(({ ok }) => !ok).map(({ output }) => ({ file, message: lastLines(output) })),
  ]
}

interface PackedPackage {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

const BESIDE_DIST = new Set(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'])

/** What a published package must not hold, or must hold and does not. */
export function unwantedFiles(
  paths: readonly string[],
  isSource: (path: string) => boolean,
): string[] {
  // A bundle shares its chunks out as it likes and empties the folder; declarations mirror the sources.
  const stale = (path: string) => {
    const stem = /^dist\/(.*)\.d\.ts$/.exec(path)?.[1]
    return stem !== undefined && !isSource(`src/${stem}.ts`)
  }
  return paths
    .filter((path) => !BESIDE_DIST.has(path))
    .flatMap((path) => {
      if (!path.startsWith('dist/')) return `${path} is published; only dist is for users`
      if (/\.test(-d)?\./.test(path)) return `${path} is published; tests are not for users`
      if (path.endsWith('.map')) return `${path} is published; the sources it leads to are not`
      if (stale(path)) return `${path} is left from an earlier build: remove dist and build again`
      return []
    })
    .concat(paths.includes('LICENSE') ? [] : 'LICENSE is missing in the package')
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-30).join('\n      ')
}
