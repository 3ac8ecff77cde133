import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { node24, packageFolders, root } from './workspace.mjs'

const stampFile = join(root, 'node_modules', '.aquifer-installed')

/** True if what is installed is what the manifests and the lock file ask for. */
export function isInstalled() {
  return readStamp() === fingerprint() && existsSync(node24)
}

/** Remembers that what the manifests ask for now is installed. */
export function markInstalled() {
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(stampFile, fingerprint())
}

/** True if packages were installed before, so that an installation only brings them up to date. */
export function wasInstalled() {
  return existsSync(stampFile)
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8')
  } catch {
    return ''
  }
}

/** The platform is part of it: a folder shared with a container must not offer the host's binaries. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`)
  const manifests = packageFolders().map((folder) => join(folder, 'package.json'))
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.cjs']
  for (const file of [...files, ...manifests]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}
