import type { Catalogue } from '../catalogue/catalogue.ts'
import { quoteName } from '../catalogue/quote.ts'
import { MigrationError } from '../migration-error.ts'
import { type Renamed, renamedPlaces } from './rename-places.ts'
import { truncatedName } from './usual-name.ts'

/** Says that something has a new name, since no comparison can know it. */
export interface Rename {
  /** @default whatever `from` names and `to` is new for */
  readonly kind?: Renamed['kind']
  /** The names from the outermost on, with or without the schema, in quotes where SQL needs them: `users.mail`, `public.mood.sad`. */
  readonly from: string
  /** The new name. It may have the same names before it as `from`. */
  readonly to: string
}

/**
 * What the renames speak of, tables first. A rename that has happened is left out, so that a model can go on to tell of it.
 *
 * @throws {MigrationError} `RENAME_UNKNOWN` if the old name is not there or the new one not wanted, `RENAME_AMBIGUOUS` if it fits several objects
 */
export function resolveRenames(
  renames: readonly Rename[],
  before: Catalogue,
  after: Catalogue,
): Renamed[] {
  const resolved: Renamed[] = []
  for (const rename of renames) {
    const path = namesIn(rename.from)
    const to = truncatedName(namesIn(rename.to).at(-1) ?? '')
    const places = renamedPlaces({ path, to, renames, before, after })
    const fits = places.filter(({ kind }) => rename.kind === undefined || kind === rename.kind)
    const open = fits.filter(({ happened }) => !happened)
    if (open.length > 1) throw ambiguous(rename, open)
    const [place] = open
    if (place) resolved.push(place)
    else if (fits.length === 0) throw unknown(rename)
  }
  return [
    ...resolved.filter(({ kind }) => kind === 'table'),
    ...resolved.filter(({ kind }) => kind !== 'table'),
  ]
}

/** The names of a path, without their quotes. */
function namesIn(path: string): string[] {
  const words = path.match(/"(?:[^"]|"")*"|[^."]+/g) ?? []
  return words.map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.trim(),
  )
}

function unknown({ from, to }: Rename): MigrationError {
  return new MigrationError(
    'RENAME_UNKNOWN',
    `nothing can be renamed from ${from} to ${to}: the database has no table, column, enum value, constraint or index of the old name, ` +
      `or the models have none of the new one at the same place. Look for a slip of the pen`,
  )
}

function ambiguous({ from, to }: Rename, places: readonly Renamed[]): MigrationError {
  const all = places.map(({ kind, names }) => `${kind} ${names.map(quoteName).join('.')}`)
  return new MigrationError(
    'RENAME_AMBIGUOUS',
    `the rename from ${from} to ${to} fits ${all.join(' and ')}. Write the names before it too, or say which kind it is`,
  )
}
