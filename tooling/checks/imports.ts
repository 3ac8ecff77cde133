import { API } from 'typescript/unstable/sync'
import type { Repository } from './repository.ts'

/** One `import`, `export ... from`, `import()` or `import('x').Type`. */
export interface Import {
  readonly file: string
  readonly line: number
  readonly specifier: string
  /** `import type` and `export type`: nothing of it is left at run time. */
  readonly typeOnly: boolean
}

const BASE = '/repository'
const CONFIG = `${BASE}/tsconfig.json`

/**
 * Every import of the TypeScript and JavaScript files that `select` accepts, types included, as the
 * compiler's own parser sees them. Nothing is resolved or checked, which keeps it below a second.
 */
export function readImports(repository: Repository, select: (file: string) => boolean): Import[] {
  const files = repository.files.filter((file) => /\.(ts|mjs|cjs)$/.test(file) && select(file))
  const known = new Set(files.map((file) => `${BASE}/${file}`))
  const config = JSON.stringify({
    compilerOptions: { noResolve: true, noLib: true, types: [], allowJs: true, noEmit: true },
    files,
  })
  const inside = (path: string) => path.startsWith(BASE)
  const api = new API({
    cwd: '/',
    fs: {
      readFile(path) {
        if (path === CONFIG) return config
        if (known.has(path)) return repository.read(path.slice(BASE.length + 1))
        return inside(path) ? null : undefined
      },
      fileExists: (path) => (inside(path) ? path === CONFIG || known.has(path) : undefined),
      directoryExists: (path) => (inside(path) ? true : undefined),
      realpath: (path) => path,
    },
  })
  try {
    const project = api.updateSnapshot({ openProjects: [CONFIG] }).getProject(CONFIG)
    return files.flatMap((file) => {
      const source = project?.program.getSourceFile(`${BASE}/${file}`)
      if (!source) throw new Error(`${file} could not be parsed`)
      return source.imports.map((node) => ({
        file,
        line: source.text.slice(0, node.getStart(source)).split('\n').length,
        specifier: (node as typeof node & { text: string }).text,
        typeOnly: /^(import|export)\s+type\b/.test(node.parent.getText(source)),
      }))
    })
  } finally {
    api.close()
  }
}
