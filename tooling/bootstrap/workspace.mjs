import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the clone. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The Node that runs everything but the bootstrap itself; npm's package `node` brings it. */
export const node24 = join(root, 'node_modules', '.bin', 'node')

/** The pinned package manager as npx names it, e.g. `pnpm@12.21.0`. */
export function pinnedPnpm() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
}

/** The folders of all packages, relative to the root, as pnpm-workspace.yaml lists them. */
export function packageFolders() {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const list = /^packages:\n((?: +- .+\n)+)/m.exec(text)
  const patterns = list === null ? [] : list[1].match(/[^\s'"-][^\s'"]*/g)
  return patterns
    .flatMap((pattern) => (pattern.endsWith('/*') ? foldersIn(pattern.slice(0, -2)) : [pattern]))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort()
}

function foldersIn(parent) {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(root, join(root, parent, entry.name)))
}
