import { posix } from 'node:path'
import type { Check, Finding } from './check.ts'
import { readImports } from './imports.ts'
import { isTestFile, type Repository } from './repository.ts'

interface Room {
  readonly layer: number
  /** Rooms of the same layer it may import. */
  readonly beside?: readonly string[]
  /** Its imports from other rooms leave nothing at run time. */
  readonly typesOnly?: boolean
  /** No other room imports it. */
  readonly leaf?: boolean
}

const HOME = 'packages/core/src/'

/** The rooms of core, from the ground up. Whoever stands higher may import what stands lower. */
const ROOMS: Readonly<Record<string, Room>> = {
  errors: { layer: 1 },
  time: { layer: 1, beside: ['errors'] },
  codec: { layer: 2 },
  model: { layer: 2, beside: ['codec'] },
  pool: { layer: 3 },
  engine: { layer: 4 },
  rewrite: { layer: 5 },
  session: { layer: 5, beside: ['rewrite'] },
  'session/tracking': { layer: 6 },
  query: { layer: 7 },
  load: { layer: 7, beside: ['query'] },
  hono: { layer: 8, leaf: true },
  sandbox: { layer: 8, leaf: true },
  observe: { layer: 8, leaf: true, typesOnly: true },
}

/** Inside core, a room imports only what stands below it, or a neighbour named above. */
export const layers: Check = {
  name: 'layers',
  run: (repository) => ({ findings: [...unknownRooms(repository), ...wrongImports(repository)] }),
}

function unknownRooms(repository: Repository): Finding[] {
  const unknown = new Map<string, string>()
  for (const file of repository.files) {
    const [folder, name] = file.startsWith(HOME) ? file.slice(HOME.length).split('/') : []
    if (folder && name && !(folder in ROOMS)) unknown.set(folder, file)
  }
  return [...unknown].map(([folder, file]) => ({
    file,
    message: `core has no room "${folder}": give it a layer in tooling/checks/layers.ts, or move its files into the room they belong to`,
  }))
}

function wrongImports(repository: Repository): Finding[] {
  const source = (file: string) => file.startsWith(HOME) && !isTestFile(file)
  return readImports(repository, source).flatMap(({ file, line, specifier, typeOnly }) => {
    if (!specifier.startsWith('.')) return []
    const from = roomOf(file)
    const target = posix.join(posix.dirname(file), specifier)
    if (!from || !target.startsWith(HOME)) return []
    const message = objection(from, roomOf(target), typeOnly)
    return message ? [{ file, line, message }] : []
  })
}

function roomOf(file: string): string | undefined {
  const folders = posix.dirname(file.slice(HOME.length)).split('/')
  const [outer = '', inner = ''] = folders
  if (`${outer}/${inner}` in ROOMS) return `${outer}/${inner}`
  return outer in ROOMS ? outer : undefined
}

function objection(from: string, to: string | undefined, typeOnly: boolean): string | undefined {
  if (from === to) return undefined
  if (!to) {
    return `${from} imports an entry of the package: entries are for users, a room imports the file that declares the name`
  }
  const importer = ROOMS[from] as Room
  const imported = ROOMS[to] as Room
  if (imported.leaf) {
    return `${from} imports ${to}: nothing inside core depends on ${to}, so that it costs nothing to those who do not use it`
  }
  if (importer.layer < imported.layer) {
    return `${from} (layer ${importer.layer}) imports ${to} (layer ${imported.layer}): a room knows nothing of what stands on it, so that it can be read and tested alone`
  }
  if (importer.layer === imported.layer && !importer.beside?.includes(to)) {
    return `${from} imports ${to} beside it: rooms of one layer do not know each other; what both need belongs in a lower room`
  }
  if (importer.typesOnly && !typeOnly) {
    return `${from} imports values of ${to}: it only listens, so \`import type\` is enough`
  }
  return undefined
}
