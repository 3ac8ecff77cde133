import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import type { Check, Finding } from './check.ts'
import { type Import, readImports } from './imports.ts'
import { isTestFile, type WorkspacePackage, workspacePackages } from './repository.ts'

/** Which packages of ours a package may use, in its source and in its tests alone. */
const USES: Readonly<Record<string, { source: readonly string[]; tests?: readonly string[] }>> = {
  '@aquifer/core': { source: [], tests: ['@aquifer/embedded'] },
  '@aquifer/embedded': { source: [] },
  '@aquifer/testing': { source: ['@aquifer/core', '@aquifer/embedded'] },
  '@aquifer/migrations': {
    source: ['@aquifer/core'],
    tests: ['@aquifer/embedded', '@aquifer/testing'],
  },
  '@aquifer/jobs': { source: ['@aquifer/core'], tests: ['@aquifer/embedded', '@aquifer/testing'] },
  '@app/db': {
    source: ['@aquifer/core', '@aquifer/migrations', '@aquifer/jobs'],
    tests: ['@aquifer/embedded', '@aquifer/testing'],
  },
  '@app/api': {
    source: ['@app/db', '@aquifer/core', '@aquifer/jobs'],
    tests: ['@aquifer/embedded', '@aquifer/testing', '@aquifer/migrations'],
  },
  '@app/worker': {
    source: ['@app/db', '@aquifer/core', '@aquifer/jobs'],
    tests: ['@aquifer/embedded', '@aquifer/testing', '@aquifer/migrations'],
  },
}

/** Tooling may use every package; no package may use tooling, but for the preset of its tests. */
const TOOLING = '@app/tooling'
const BUILT_IN = new Set(builtinModules)

/** Packages know each other by name, through their entries, in one direction. */
export const boundaries: Check = {
  name: 'boundaries',
  run(repository) {
    const packages = workspacePackages(repository)
    const imports = readImports(repository, (file) => /^(apps|packages|tooling)\//.test(file))
    return {
      findings: [
        ...packages.flatMap(unwantedUses),
        ...cycles(packages),
        ...imports.flatMap((found) => wrongImport(found, packages)),
      ],
    }
  },
}

function unwantedUses({ directory, manifest }: WorkspacePackage): Finding[] {
  if (manifest.name === TOOLING) return []
  const file = `${directory}/package.json`
  const allowed = USES[manifest.name]
  if (!allowed) {
    return [
      {
        file,
        message: `${manifest.name} is new: say in tooling/checks/boundaries.ts whom it uses`,
      },
    ]
  }
  const { source, tests = [] } = allowed
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies }
  return [
    ...ours(declared)
      .filter((name) => !source.includes(name))
      .map((name) => ({
        file,
        message: `${manifest.name} may not depend on ${name}: it may use ${list(source)}, so that dependencies run in one direction`,
      })),
    ...ours(manifest.devDependencies)
      .filter((name) => !source.includes(name) && !tests.includes(name))
      .map((name) => ({
        file,
        message: `${manifest.name} may not use ${name} even in its tests: they may use ${list([...source, ...tests])}`,
      })),
  ]
}

function ours(dependencies: Readonly<Record<string, string>> = {}): string[] {
  return Object.keys(dependencies).filter((name) => /^@(aquifer|app)\//.test(name))
}

function list(packages: readonly string[]): string {
  return packages.length === 0 ? 'no package of ours' : packages.join(', ')
}

function cycles(packages: readonly WorkspacePackage[]): Finding[] {
  const uses = new Map(
    packages.map(({ manifest }) => [
      manifest.name,
      ours({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies }),
    ]),
  )
  const findings: Finding[] = []
  const settled = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name)
    if (start >= 0) {
      const circle = [...path.slice(start), name].join(' -> ')
      const directory = packages.find(({ manifest }) => manifest.name === name)?.directory
      findings.push({
        file: `${directory}/package.json`,
        message: `packages in a circle cannot be built or understood one after the other: ${circle}`,
      })
      return
    }
    if (settled.has(name)) return
    for (const used of uses.get(name) ?? []) visit(used, [...path, name])
    settled.add(name)
  }
  for (const name of uses.keys()) visit(name, [])
  return findings
}

function wrongImport(found: Import, packages: readonly WorkspacePackage[]): Finding[] {
  const { file, line, specifier } = found
  const owner = packages.find(({ directory }) => file.startsWith(`${directory}/`))
  if (!owner) return []
  const message = specifier.startsWith('.')
    ? leavesThePackage(found, owner)
    : (missesTheEntry(specifier, packages) ?? needsATestDependency(found, owner))
  return message ? [{ file, line, message }] : []
}

function leavesThePackage({ file, specifier }: Import, owner: WorkspacePackage) {
  const target = posix.join(posix.dirname(file), specifier)
  const preset = file.endsWith('/vitest.config.ts') && target === 'tooling/vitest/preset.ts'
  if (target.startsWith(`${owner.directory}/`) || preset) return undefined
  return `${specifier} reaches into another package: import it by name, through its entries, so that its inside stays free to change`
}

function missesTheEntry(specifier: string, packages: readonly WorkspacePackage[]) {
  const target = packages.find(
    ({ manifest: { name } }) => specifier === name || specifier.startsWith(`${name}/`),
  )
  if (!target) return undefined
  const entry = `.${specifier.slice(target.manifest.name.length)}`
  const entries = Object.keys(target.manifest.exports ?? {})
  if (entries.includes(entry)) return undefined
  return `${target.manifest.name} has no entry "${entry}"; its entries are ${entries.join(', ') || 'none'}`
}

/** Biome says the same of values; a type, too, is missing where the test dependencies are not installed. */
function needsATestDependency({ file, specifier }: Import, owner: WorkspacePackage) {
  if (!file.startsWith(`${owner.directory}/src/`) || isTestFile(file)) return undefined
  if (specifier.startsWith('node:') || BUILT_IN.has(specifier)) return undefined
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  const { dependencies, peerDependencies, optionalDependencies } = owner.manifest
  if (name in { ...dependencies, ...peerDependencies, ...optionalDependencies }) return undefined
  if (name === owner.manifest.name) return undefined
  return `source imports ${name}, which ${owner.manifest.name} does not install for its users: only tests may use a dev dependency`
}
