import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** The files a check looks at; paths are relative to the root and use slashes. */
export interface Repository {
  readonly root: string
  readonly files: readonly string[]
  read(file: string): string
}

/** The part of a package.json that the checks read. */
export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** One package of the workspace. */
export interface WorkspacePackage {
  readonly directory: string
  readonly manifest: Manifest
}

const MADE_FOLDERS = new Set(['node_modules', 'dist', '.git', '.turbo', '.aquifer'])
const MADE_FILES = /(\.tgz|\.tsbuildinfo|(^|\/)test-results\.json)$/

/** The working tree below `root`, without what was installed or built. */
export function openRepository(root: string): Repository {
  return {
    root,
    files: filesBelow(root, '').sort(),
    read: (file) => readFileSync(join(root, file), 'utf8'),
  }
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return MADE_FOLDERS.has(entry.name) ? [] : filesBelow(root, path)
    return entry.isFile() && !MADE_FILES.test(path) ? [path] : []
  })
}

/** A repository that exists only in memory: path to content. */
export function memoryRepository(contents: Readonly<Record<string, string>>): Repository {
  return {
    root: '/memory',
    files: Object.keys(contents).sort(),
    read: (file) => contents[file] ?? '',
  }
}

/** The packages of the workspace, in the order of their folders. */
export function workspacePackages(repository: Repository): WorkspacePackage[] {
  return repository.files
    .filter((file) => /^((apps|packages)\/[^/]+|tooling)\/package\.json$/.test(file))
    .map((file) => ({
      directory: posix.dirname(file),
      manifest: JSON.parse(repository.read(file)) as Manifest,
    }))
}

/** True for a file that only tests, types of tests or their configuration need. */
export function isTestFile(file: string): boolean {
  return /\.test(-d)?\.ts$|(^|\/)test\/|(^|\/)vitest\.config\.ts$/.test(file)
}
