import { posix } from 'node:path'
import { API, type Project, SymbolFlags } from 'typescript/unstable/sync'
import { type Repository, workspacePackages } from './repository.ts'

/** One name that users of a library can import. */
export interface PublicName {
  readonly name: string
  /** The file that declares it; the entry only passes it on. */
  readonly file: string
  readonly documented: boolean
}

/** One entry of a library: `@aquifer/core` or `@aquifer/core/columns`. */
export interface Entry {
  readonly library: string
  readonly specifier: string
  readonly file: string
  readonly names: readonly PublicName[]
}

/** The entries of every library of the repository, as the compiler sees them, names in order. */
export function readEntries(repository: Repository): Entry[] {
  const libraries = workspacePackages(repository).filter(({ manifest }) => !manifest.private)
  const configs = libraries.map(({ directory }) =>
    posix.join(repository.root, directory, 'tsconfig.json'),
  )
  const api = new API({ cwd: repository.root })
  try {
    const snapshot = api.updateSnapshot({ openProjects: configs })
    return libraries.flatMap(({ directory, manifest }, index) => {
      const project = snapshot.getProject(configs[index] as string)
      if (!project) throw new Error(`${directory}/tsconfig.json could not be opened`)
      return Object.entries(manifest.exports ?? {}).flatMap(([entry, path]) => {
        const file = posix.join(directory, path)
        if (!repository.files.includes(file)) return []
        return {
          library: manifest.name,
          specifier: posix.join(manifest.name, entry),
          file,
          names: namesOf(project, repository, file),
        }
      })
    })
  } finally {
    api.close()
  }
}

function namesOf(project: Project, repository: Repository, file: string): PublicName[] {
  const { program, checker } = project
  const source = program.getSourceFile(posix.join(repository.root, file))
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) return []
  return checker
    .getExportsOfModule(module)
    .map((symbol) => {
      const aliased = (symbol.flags & SymbolFlags.Alias) !== 0
      const target = aliased ? checker.getAliasedSymbol(symbol) : symbol
      const path = target.declarations[0]?.path
      return {
        name: symbol.name,
        file: path ? posix.relative(repository.root, path) : file,
        documented: checker.getDocumentationCommentOfSymbol(target).trim() !== '',
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
