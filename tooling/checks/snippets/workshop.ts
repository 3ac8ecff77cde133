import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Repository, workspacePackages } from '../repository.ts'

/** A temporary folder, removed when it is no longer needed. */
export interface Workshop extends Disposable {
  readonly folder: string
  write(path: string, content: string): void
}

/** An empty folder that another account of this machine can look into, as it can into a clone. */
export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aquifer-snippets-'))
  chmodSync(folder, 0o755)
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  // Also where the check is interrupted.
  process.once('exit', remove)
  return {
    folder,
    write(path, content) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    },
    [Symbol.dispose]() {
      process.removeListener('exit', remove)
      remove()
    },
  }
}

/** Puts into `folder` what a clone of the repository holds: nothing installed, nothing built. */
export function cloneInto(folder: string, repository: Repository): void {
  for (const file of repository.files) {
    cpSync(join(repository.root, file), join(folder, file))
  }
}

/** Lets programs in `folder` import our packages, and what these depend on, by name. */
export function linkPackages(folder: string, repository: Repository): void {
  const modules = join(folder, 'node_modules')
  const link = (name: string, target: string) => {
    const path = join(modules, name)
    if (existsSync(path) || !existsSync(target)) return
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(realpathSync(target), path, 'dir')
  }
  const packages = workspacePackages(repository)
  for (const { directory, manifest } of packages) {
    link(manifest.name, join(repository.root, directory))
  }
  for (const { directory } of packages) {
    const installed = join(repository.root, directory, 'node_modules')
    for (const name of namesIn(installed)) link(name, join(installed, name))
  }
}

function namesIn(modules: string): string[] {
  if (!existsSync(modules)) return []
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      if (!name.startsWith('@')) return name
      return readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`)
    })
}
